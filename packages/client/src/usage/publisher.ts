import type { DoorOptions } from "../http/call.ts";
import { type Pause, systemPause, type TimeOptions } from "../time.ts";
import { Buffered, type Settled } from "./buffer.ts";
import { send } from "./send.ts";
import { eventText, reported, type ReportedUsage, type Sender, senderOf, type Usage } from "./usage.ts";

export { type ReportedUsage, type Usage, UsageError } from "./usage.ts";

export interface UsagePublisherOptions extends DoorOptions, TimeOptions {
  /** The stack's `usageUrl`; on a laptop `npm start` names it. */
  readonly url: string;
  /** Which of your services says so, 1 to 256 characters. */
  readonly source: string;
  /** CloudEvents' type; anything, `usage` when left out. */
  readonly type?: string | undefined;
  /** Told of each usage that the door refused: it is not counted, and not sent again. */
  readonly onRefused: (usage: ReportedUsage, reason: string) => void;
  /** Told of each try after which something has to be sent again, and why. */
  readonly onTrouble: (trouble: Trouble) => void;
  /** How long the first event of a batch waits for others; 200 ms. */
  readonly delayMs?: number | undefined;
  /** Events of one request; 1,000, and 10,000 at most. */
  readonly maxBatchEvents?: number | undefined;
  /** Bytes of one request; 1,000,000, and the door takes no more than 1,048,576. */
  readonly maxBatchBytes?: number | undefined;
  /** Events that are kept until they are settled; 10,000. */
  readonly maxBufferedEvents?: number | undefined;
  /** Bytes that are kept until they are settled; 16 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** A number from 0 to below 1, by which services that fail together do not try again together. For tests. */
  readonly random?: (() => number) | undefined;
}

export interface Trouble {
  readonly reason: string;
  /** Tries in a row that did not settle everything. */
  readonly failures: number;
  /** After how many milliseconds the next one follows. */
  readonly againInMs: number;
  readonly bufferedEvents: number;
}

/** What became of what was handed in together. */
export interface Published {
  readonly accepted: number;
  readonly refused: readonly { readonly usage: ReportedUsage; readonly reason: string }[];
  /** Not known to be stored when the publisher was closed: hand it in again. */
  readonly left: readonly ReportedUsage[];
}

/** Something was handed to a publisher that had been closed, or was closed before it was settled. */
export class PublisherClosedError extends Error {
  readonly code = "publisher-closed";
  constructor() {
    super("The usage publisher is closed: what was handed in is not all known to be stored.");
    this.name = "PublisherClosedError";
  }
}

const defaults = {
  ...{ type: "usage", delayMs: 200, maxBatchEvents: 1_000, maxBatchBytes: 1_000_000 },
  ...{ maxBufferedEvents: 10_000, maxBufferedBytes: 16 * 1_048_576 },
  // The door has 30 seconds.
  timeoutMs: 32_000,
};
const firstBackoffMs = 500;
const maxBackoffMs = 30_000;

/** Publishes usage: exactly what was handed in, under ids that stay, until the door has said of each whether it is stored. */
export class UsagePublisher {
  private readonly url: string;
  private readonly door: DoorOptions & { readonly timeoutMs: number };
  private readonly sender: Sender;
  private readonly options: UsagePublisherOptions;
  private readonly delayMs: number;
  private readonly now: () => number;
  private readonly pause: Pause;
  private readonly random: () => number;
  private readonly buffer: Buffered;
  private readonly stop = new AbortController();
  private hurry = new AbortController();
  /** Ends a pause between two tries. */
  private resume = new AbortController();
  private flushes = 0;
  private running: Promise<void> | undefined;
  private closing: Promise<{ readonly left: readonly ReportedUsage[] }> | undefined;

  constructor(options: UsagePublisherOptions) {
    const set = { ...defaults, ...given(options) };
    this.options = options;
    this.url = new URL(options.url).href;
    this.door = { sign: options.sign, fetch: options.fetch, timeoutMs: set.timeoutMs };
    this.sender = senderOf(options.source, set.type);
    this.delayMs = set.delayMs;
    this.now = options.now ?? Date.now;
    this.pause = options.pause ?? systemPause;
    this.random = options.random ?? Math.random;
    this.buffer = new Buffered(set);
  }

  /**
   * Takes usage over, waiting for room in the buffer, and gives its id. It is sent with what comes within `delayMs`.
   * @throws UsageError saying what is wrong with it; PublisherClosedError when it was not taken
   */
  async publish(usage: Usage): Promise<string> {
    return (await this.hand(usage)).usage.id;
  }

  /** Takes usage over if there is room now, and gives its id. @throws UsageError, PublisherClosedError */
  tryPublish(usage: Usage): string | undefined {
    this.refuseWhenClosed();
    const entry = this.buffer.entryOf(...this.read(usage));
    if (!this.buffer.tryAdd(entry)) return undefined;
    this.run();
    return entry.usage.id;
  }

  /**
   * Hands in several and waits until the door has said what became of each; refused ones are told to `onRefused` as well.
   * @throws UsageError before any is sent
   */
  async publishAll(usages: readonly Usage[]): Promise<Published> {
    this.refuseWhenClosed();
    const entries = usages.map((usage) => this.buffer.entryOf(...this.read(usage)));
    for (const entry of entries) this.buffer.queue(entry);
    const fates = await this.hurried(() => {
      this.run();
      return Promise.all(entries.map(({ settled }) => settled));
    });
    const of = (kind: Settled["kind"]) => fates.filter((fate) => fate.kind === kind);
    return {
      accepted: of("accepted").length,
      refused: entries.flatMap(({ usage }, place) => {
        const fate = fates[place];
        return fate?.kind === "refused" ? [{ usage, reason: fate.reason }] : [];
      }),
      left: entries.filter((_, place) => fates[place]?.kind === "left").map(({ usage }) => usage),
    };
  }

  /** Waits until the door has said of everything handed in so far what became of it. @throws PublisherClosedError */
  async flush(): Promise<void> {
    const fates = await this.hurried(() => Promise.all(this.buffer.all().map(({ settled }) => settled)));
    if (fates.some(({ kind }) => kind === "left")) throw new PublisherClosedError();
  }

  /**
   * Takes nothing more, sends what is there, and gives what is not known to be stored after so many milliseconds: keep it, and hand it
   * in again later, with its ids and times. What `publishAll` was given is in it; what `publish` has not taken over yet is not, since
   * its caller is told by an error.
   */
  close(withinMs = 10_000): Promise<{ readonly left: readonly ReportedUsage[] }> {
    this.closing ??= this.end(withinMs);
    return this.closing;
  }

  private async end(withinMs: number): Promise<{ readonly left: readonly ReportedUsage[] }> {
    const done = new AbortController();
    // One try more, however long the door wanted to be left alone: there may be no other.
    this.resume.abort();
    await Promise.race([this.flush(), this.pause(withinMs, done.signal)]);
    done.abort();
    this.stop.abort();
    this.hurry.abort();
    this.resume.abort();
    await this.running;
    return { left: this.buffer.giveUp(new PublisherClosedError()) };
  }

  private async hand(usage: Usage) {
    this.refuseWhenClosed();
    const entry = this.buffer.entryOf(...this.read(usage));
    const added = this.buffer.add(entry);
    this.run();
    await added;
    return entry;
  }

  private refuseWhenClosed(): void {
    if (this.closing !== undefined) throw new PublisherClosedError();
  }

  private read(usage: Usage): [ReportedUsage, string] {
    const exact = reported(usage, this.now());
    return [exact, eventText(exact, this.sender)];
  }

  private async hurried<Value>(wait: () => Promise<Value>): Promise<Value> {
    this.flushes += 1;
    this.hurry.abort();
    try {
      return await wait();
    } finally {
      this.flushes -= 1;
    }
  }

  /** One request at a time; whoever adds while one is under way is in the next. */
  private run(): void {
    if (this.buffer.isFull()) this.hurry.abort();
    this.running ??= this.sendAll().finally(() => {
      this.running = undefined;
      // Something may have come after the last look.
      if (!this.buffer.isEmpty() && !this.isStopped()) this.run();
    });
  }

  private async sendAll(): Promise<void> {
    let failures = 0;
    while (!this.buffer.isEmpty() && !this.isStopped()) {
      if (failures === 0) await this.gather();
      const batch = this.buffer.take();
      const texts = batch.map(({ text }) => text);
      const sent = await send(this.url, texts, this.door, this.now(), this.stop.signal);
      for (const { usage, reason } of this.buffer.settle(batch, sent.fates))
        this.tell(() => this.options.onRefused(usage, reason));
      failures = sent.trouble === undefined ? 0 : failures + 1;
      if (sent.trouble !== undefined && !this.isStopped())
        await this.backOff(sent.trouble, failures, sent.retryAfterMs ?? 0);
    }
  }

  private isStopped(): boolean {
    return this.stop.signal.aborted;
  }

  private async gather(): Promise<void> {
    if (this.flushes > 0 || this.buffer.isFull()) return;
    this.hurry = new AbortController();
    await this.pause(this.delayMs, this.hurry.signal);
  }

  private async backOff(reason: string, failures: number, leastMs: number): Promise<void> {
    const full = Math.min(firstBackoffMs * 2 ** (failures - 1), maxBackoffMs);
    const againInMs = Math.max(leastMs, Math.round(full * (0.5 + this.random() / 2)));
    const bufferedEvents = this.buffer.all().length;
    this.tell(() => this.options.onTrouble({ reason, failures, againInMs, bufferedEvents }));
    this.resume = new AbortController();
    await this.pause(againInMs, this.resume.signal);
  }

  /** What a listener throws is an uncaught exception of its own, and no trouble of ours. */
  private tell(listener: () => void): void {
    queueMicrotask(listener);
  }
}

/** @throws UsageError when `source` has not 1 to 256 characters; TypeError when `url` is none */
export const createUsagePublisher = (options: UsagePublisherOptions): UsagePublisher =>
  new UsagePublisher(options);

/** Options that were left out, or given as undefined, are not there. */
function given(options: UsagePublisherOptions) {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof typeof defaults]?: (typeof defaults)[Key] };
}

import type { Fate } from "./send.ts";
import type { ReportedUsage } from "./usage.ts";

/** How it ended. `left`: the publisher was closed before anybody knew. */
export type Settled = Exclude<Fate, { readonly kind: "unknown" }> | { readonly kind: "left" };

interface Entry {
  readonly usage: ReportedUsage;
  /** As it is sent. */
  readonly text: string;
  readonly bytes: number;
  readonly settled: Promise<Settled>;
  readonly settle: (how: Settled) => void;
}

export interface Bounds {
  readonly maxBatchEvents: number;
  readonly maxBatchBytes: number;
  readonly maxBufferedEvents: number;
  readonly maxBufferedBytes: number;
}

/** What was handed in and is not settled: on its way, waiting to be sent, or waiting for room, in the order in which it came. */
export class Buffered {
  private readonly bounds: Bounds;
  private sending: readonly Entry[] = [];
  private waiting: Entry[] = [];
  private readonly outside: {
    readonly entry: Entry;
    readonly enter?: () => void;
    /** Of one who waits to hear whether it was taken over; nobody else may be given it at the end. */
    readonly refuse?: (error: Error) => void;
  }[] = [];
  private events = 0;
  private bytes = 0;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  entryOf(usage: ReportedUsage, text: string): Entry {
    const { promise: settled, resolve: settle } = Promise.withResolvers<Settled>();
    // A comma or a bracket before each.
    return { usage, text, bytes: Buffer.byteLength(text) + 1, settled, settle };
  }

  /** Whether there was room. Nobody is let in before those who came first. */
  tryAdd(entry: Entry): boolean {
    if (this.outside.length > 0 || !this.hasRoomFor(entry)) return false;
    this.enter(entry);
    return true;
  }

  /** Resolves when there was room for it. @throws what `giveUp` is given, when there was none until the end */
  add(entry: Entry): Promise<void> {
    if (this.tryAdd(entry)) return Promise.resolve();
    const { promise, resolve: enter, reject: refuse } = Promise.withResolvers<undefined>();
    this.outside.push({ entry, enter: () => enter(undefined), refuse });
    return promise;
  }

  /** Takes it over whether or not there is room; it enters when there is. */
  queue(entry: Entry): void {
    if (!this.tryAdd(entry)) this.outside.push({ entry });
  }

  /** The next batch, in order. */
  take(): readonly Entry[] {
    const { maxBatchEvents, maxBatchBytes } = this.bounds;
    let bytes = 1;
    let count = 0;
    for (const entry of this.waiting) {
      bytes += entry.bytes;
      if (count > 0 && (count >= maxBatchEvents || bytes > maxBatchBytes)) break;
      count += 1;
    }
    this.sending = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return this.sending;
  }

  /** Lets go of what is settled, and gives what was refused; the rest is sent again, before all others. */
  settle(
    batch: readonly Entry[],
    fates: readonly Fate[],
  ): readonly { readonly usage: ReportedUsage; readonly reason: string }[] {
    const again: Entry[] = [];
    const refused: { usage: ReportedUsage; reason: string }[] = [];
    for (const [place, entry] of batch.entries()) {
      const fate = fates[place];
      if (fate === undefined || fate.kind === "unknown") {
        again.push(entry);
        continue;
      }
      if (fate.kind === "refused") refused.push({ usage: entry.usage, reason: fate.reason });
      this.events -= 1;
      this.bytes -= entry.bytes;
      entry.settle(fate);
    }
    this.sending = [];
    this.waiting = [...again, ...this.waiting];
    this.letIn();
    return refused;
  }

  /** All that was taken over and is not settled, nor going to be. Those who still wait to be taken over are refused, and keep theirs. */
  giveUp(error: Error): readonly ReportedUsage[] {
    const all = this.all();
    const outside = this.outside.splice(0);
    const refused = new Set(outside.filter(({ refuse }) => refuse !== undefined).map(({ entry }) => entry));
    this.sending = [];
    this.waiting = [];
    for (const { settle } of all) settle({ kind: "left" });
    for (const { refuse } of outside) refuse?.(error);
    return all.filter((entry) => !refused.has(entry)).map(({ usage }) => usage);
  }

  all(): readonly Entry[] {
    return [...this.sending, ...this.waiting, ...this.outside.map(({ entry }) => entry)];
  }

  isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Whether what waits fills a request, or nothing more fits in. */
  isFull(): boolean {
    const { maxBatchEvents, maxBatchBytes } = this.bounds;
    return this.outside.length > 0 || this.waiting.length >= maxBatchEvents || this.bytes >= maxBatchBytes;
  }

  private hasRoomFor({ bytes }: Entry): boolean {
    const { maxBufferedEvents, maxBufferedBytes } = this.bounds;
    return this.events === 0 || (this.events < maxBufferedEvents && this.bytes + bytes <= maxBufferedBytes);
  }

  private enter(entry: Entry): void {
    this.waiting.push(entry);
    this.events += 1;
    this.bytes += entry.bytes;
  }

  private letIn(): void {
    let count = 0;
    for (const { entry, enter } of this.outside) {
      if (!this.hasRoomFor(entry)) break;
      this.enter(entry);
      enter?.();
      count += 1;
    }
    // At once: to shift each moves all that stay, and of hundreds of thousands that takes minutes.
    this.outside.splice(0, count);
  }
}

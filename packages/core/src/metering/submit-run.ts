import type { Configuration } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import { type Instant, someday } from "../time/instant.ts";
import { type Call, callsFor, fillWithZeros } from "./call.ts";
import { addSubmitted, concludeExpired, concludeRecord, noneSubmitted, type Submitted } from "./outcome.ts";
import type { CallAnswer, RecordAnswer, SubmitPorts } from "./submission.ts";
import type { Effect, UsageRecord } from "./usage-record.ts";

/** Calls in flight at once: at ten calls a second, one that takes a second holds up no other. */
const callsAtOnce = 10;
/** Records looked up of a product at once: so many calls go out before nearer deadlines that came meanwhile are seen. */
const recordsPerRound = 1_000;
const maxRounds = 1_000;
/** Refused records of a product after which the rest of it waits for the next run: more likely it is the product that is wrong. */
const refusalsPerRun = 100;
/** Tries of one call that AWS throttles, or of records that it leaves unprocessed. */
const triesPerCall = 8;

/** One run of submitting, in rounds: looks up what is nearest to its deadline, sends it, and looks again. */
export class SubmitRun {
  submitted: Submitted = noneSubmitted;
  private readonly ports: SubmitPorts;
  private readonly configuration: Configuration;
  private readonly hasTime: () => boolean;
  /** Records that had their turn in this run. */
  private readonly seen = new Set<string>();
  /** Products and dimensions of which nothing more is sent in this run, and products of which one call must show that AWS takes it again. */
  private readonly barred = new Set<string>();
  private readonly held = new Set<string>();
  private readonly refusals = new Map<string, number>();
  private isOurs = true;

  constructor(ports: SubmitPorts, configuration: Configuration, hasTime: () => boolean) {
    this.ports = ports;
    this.configuration = configuration;
    this.hasTime = hasTime;
  }

  /** Sends what is pending until there is no more, or no more time. */
  async sendAll(): Promise<void> {
    await this.tellOfRemoved().catch((error: unknown) => {
      this.note({ ...noneSubmitted, waiting: [reasonOf(error)] });
    });
    let next = this.lookUp();
    for (let rounds = 0; rounds < maxRounds; rounds += 1) {
      const found = await next;
      // What lay behind the records that were on their way shows when these have their outcome.
      const calls = found.length > 0 || rounds === 0 ? found : await this.lookUp();
      if (calls.length === 0) return;
      // Looked up meanwhile: AWS's quota is used up only by calls that follow each other without a break.
      next = this.lookUp();
      await this.sendTogether(calls);
      if (!(await this.mayGoOn())) {
        this.note({ ...noneSubmitted, isMore: true });
        // Whoever looks things up must be done before the function is frozen.
        await next.catch(() => undefined);
        return;
      }
    }
  }

  /** What is pending of a product that is not in the configuration any more is not sent; it gets its outcome, and people should know. */
  private async tellOfRemoved(): Promise<void> {
    const { records, switches, clock } = this.ports;
    const configured = this.configuration.products.map(({ code }) => code);
    const now = await clock.now();
    for (const code of await switches.known(configured)) {
      if (configured.includes(code)) continue;
      const pending = await records.pending(code, someday, recordsPerRound);
      const left = (await this.inTime(pending, now)).length;
      const waiting = `${left} records of ${code} are pending, which is not in tollhouse.config.ts: put it back until they are sent`;
      if (left > 0) this.note({ ...noneSubmitted, waiting: [waiting] });
    }
  }

  /** A failure shows when it is waited for, not before. */
  private lookUp(): Promise<readonly Call[]> {
    const calls = this.nextCalls();
    calls.catch(() => undefined);
    return calls;
  }

  private async sendTogether(calls: readonly Call[]): Promise<void> {
    const queue = calls.toSorted((a, b) => a.deadlineAt - b.deadlineAt)[Symbol.iterator]();
    const send = async (): Promise<void> => {
      for (const { records } of queue) {
        if (!(await this.mayGoOn())) return;
        await this.send(records).catch((error: unknown) => this.fail(records[0]?.productCode ?? "", error));
      }
    };
    throwFirst(await Promise.allSettled(Array.from({ length: callsAtOnce }, send)));
  }

  private async mayGoOn(): Promise<boolean> {
    if (!this.isOurs || !this.hasTime()) return false;
    // Without an answer the lease may be another one's by now.
    const isKept = await this.ports.lease.keep().catch(this.stop);
    this.isOurs &&= isKept;
    return this.isOurs;
  }

  private readonly stop = (error: unknown): never => {
    this.isOurs = false;
    throw error;
  };

  private async nextCalls(): Promise<readonly Call[]> {
    const now = await this.ports.clock.now();
    const calls: Call[] = [];
    for (const { code } of this.configuration.products) {
      if (this.barred.has(code)) continue;
      const of = await this.callsOf(code, now).catch((error: unknown) => {
        this.fail(code, error);
        return [];
      });
      calls.push(...of);
    }
    return calls;
  }

  /** What cannot be looked up or stored of one product leaves the others alone. */
  private fail(code: string, error: unknown): void {
    this.barred.add(code);
    this.note({ ...noneSubmitted, waiting: [`${code}: ${reasonOf(error)}`] });
  }

  private async callsOf(code: string, now: Instant): Promise<readonly Call[]> {
    const { records, switches } = this.ports;
    const { paused, held } = await switches.load(code);
    // Twice as many: those before them may be on their way.
    const pending = this.unseen(await records.pending(code, now, 2 * recordsPerRound)).slice(
      0,
      recordsPerRound,
    );
    const inTime = await this.inTime(pending, now);
    if (paused !== undefined) return [];
    if (held !== undefined) return this.held.has(code) ? [] : this.trial(code, inTime);
    const calls = callsFor(inTime);
    const isFull = pending.length >= recordsPerRound;
    const zeros = isFull ? [] : this.unseen(await records.pendingZeros(code, now, 2 * recordsPerRound));
    const filled = fillWithZeros(calls, await this.inTime(zeros, now));
    for (const call of filled) this.see(call.records);
    return filled;
  }

  /** Those that AWS still takes; the others get their outcome. */
  private async inTime(records: readonly UsageRecord[], now: Instant): Promise<readonly UsageRecord[]> {
    await this.expireAll(
      records.filter(({ deadlineAt }) => deadlineAt <= now),
      now,
    );
    return records.filter(({ deadlineAt }) => deadlineAt > now);
  }

  /** One record of a held product. With none left to send, sealing must make the next one, so the product is let go on. */
  private async trial(code: string, inTime: readonly UsageRecord[]): Promise<readonly Call[]> {
    const calls = callsFor(inTime.slice(0, 1));
    if (calls.length === 0 && (await this.ports.records.pending(code, someday, 1)).length === 0)
      await this.ports.switches.release(code);
    this.held.add(code);
    for (const call of calls) this.see(call.records);
    return calls;
  }

  /** AWS has looked at records of the product, whatever it said to them. */
  private async isTakenAgain({ productCode }: UsageRecord): Promise<void> {
    if (this.held.delete(productCode)) await this.ports.switches.release(productCode);
  }

  /** Each by itself: one whose outcome cannot be stored holds up no other, and comes up again with the next run. */
  private async expireAll(late: readonly UsageRecord[], now: Instant): Promise<void> {
    const problem = (error: unknown): Submitted => ({ ...noneSubmitted, waiting: [reasonOf(error)] });
    await this.concludeAll(late.map((record) => this.expire(record, now).catch(problem)));
  }

  private expire(record: UsageRecord, now: Instant): Promise<Submitted> {
    return concludeExpired(this.ports, this.configuration.settings, record, now);
  }

  private unseen(records: readonly UsageRecord[]): readonly UsageRecord[] {
    return records.filter((record) => !this.seen.has(nameOf(record)));
  }

  private see(records: readonly UsageRecord[]): void {
    for (const record of records) this.seen.add(nameOf(record));
  }

  private async send(batch: readonly UsageRecord[]): Promise<void> {
    const { clock, records } = this.ports;
    const [first] = batch;
    if (first === undefined || this.barred.has(first.productCode)) return;
    const inTime = (await this.inTime(batch, await clock.now())).filter(
      (record) => !this.barred.has(dimensionName(record)),
    );
    // Counted before the call, one by one; a record that somebody else is sending is left to them.
    const counted = await Promise.all(
      inTime.map((record) =>
        records.countAttempt(record).catch((error: unknown) => {
          // It may be counted, so its turn is over; those beside it were counted for this call.
          this.note({ ...noneSubmitted, waiting: [reasonOf(error)] });
          return false;
        }),
      ),
    );
    await this.call(inTime.filter((_, index) => counted[index]));
  }

  private async call(batch: readonly UsageRecord[], tries = 1): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const answer = await this.ports.submitter.submit(batch);
    this.note({ ...noneSubmitted, calls: 1, throttled: answer.kind === "throttled" ? 1 : 0 });
    switch (answer.kind) {
      case "answered":
        await this.answered(batch, answer.answers, tries);
        return;
      case "throttled":
        if (tries < triesPerCall && (await this.mayGoOn())) await this.call(batch, tries + 1);
        else await this.putOff(batch, { reason: "AWS throttles our calls", effect: "none" });
        return;
      case "unavailable":
        if (this.held.has(first.productCode)) this.barred.add(first.productCode);
        await this.putOff(batch, answer);
        return;
      case "refused":
        await this.isTakenAgain(first);
        await this.halve(batch, answer);
        return;
      case "barred":
        if (answer.isOldIdentity === true && this.isLeaving(first)) {
          await this.isTakenAgain(first);
          await this.concludeAll(batch.map((record) => this.giveUp(record, answer.reason)));
          return;
        }
        this.barred.add(first.productCode);
        await this.putOff(batch, { reason: answer.reason, effect: "none" });
        await this.ports.switches.hold(first.productCode, answer.reason, await this.ports.clock.now());
        return;
      default:
        answer satisfies never;
    }
  }

  /** Records that AWS left unprocessed were not taken: the same attempt goes on. */
  private async answered(
    batch: readonly UsageRecord[],
    answers: readonly RecordAnswer[],
    tries: number,
  ): Promise<void> {
    const mayRetry = tries < triesPerCall && (await this.mayGoOn());
    const answerOf = (index: number): RecordAnswer => {
      const answer = answers[index] ?? notMentioned;
      return answer.status === "unprocessed" && !mayRetry ? leftUnprocessed : answer;
    };
    const again = batch.filter((_, index) => answerOf(index).status === "unprocessed");
    await this.concludeAll(
      batch.flatMap((record, index) => {
        const answer = answerOf(index);
        return answer.status === "unprocessed" ? [] : [concludeRecord(this.ports, record, answer)];
      }),
    );
    const [first] = batch;
    if (first !== undefined) await this.isTakenAgain(first);
    await this.call(again, tries + 1);
  }

  private async putOff(
    batch: readonly UsageRecord[],
    { reason, effect }: { readonly reason: string; readonly effect: Effect },
  ): Promise<void> {
    await this.concludeAll(
      batch.map((record) => concludeRecord(this.ports, record, { status: "waiting", reason, effect })),
    );
  }

  private noteRefusal(code: string): void {
    const refusals = (this.refusals.get(code) ?? 0) + 1;
    this.refusals.set(code, refusals);
    if (refusals >= refusalsPerRun) this.barred.add(code);
  }

  /** At most five halvings of 25 records find the one that AWS does not take. */
  private async halve(
    batch: readonly UsageRecord[],
    answer: Extract<CallAnswer, { kind: "refused" }>,
  ): Promise<void> {
    const [only, second] = batch;
    if (only !== undefined && second === undefined) {
      const refusedAs = answer.isTooLate === true ? {} : { refusedAs: "rejected" as const };
      const waiting = { status: "waiting", reason: answer.reason, effect: "none", ...refusedAs } as const;
      await this.concludeAll([concludeRecord(this.ports, only, waiting)]);
      // Of a dimension that AWS does not know one record says what the others would.
      if (answer.isUnknownDimension === true) this.barred.add(dimensionName(only));
      else this.noteRefusal(only.productCode);
      return;
    }
    const hopeless = batch.filter((record) => this.barred.has(dimensionName(record)));
    if (hopeless.length > 0) {
      await this.putOff(hopeless, { reason: answer.reason, effect: "none" });
      await this.call(batch.filter((record) => !hopeless.includes(record)));
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.call(batch.slice(0, half));
    await this.call(batch.slice(half));
  }

  /** Whether the product's later hours are metered by license, so that what AWS no longer takes by product code can be. */
  private isLeaving({ productCode, hour, entry: { identity } }: UsageRecord): boolean {
    const product = this.configuration.products.find(({ code }) => code === productCode);
    const from = product?.metersByLicenseFrom;
    return identity.by === "product-code" && from !== undefined && hour < from;
  }

  /** Never taken, and never to be taken under this identity: its units go to the hours that are metered by license. */
  private async giveUp(record: UsageRecord, reason: string): Promise<Submitted> {
    const { records, clock } = this.ports;
    const now = await clock.now();
    await records.postpone(record, { refusal: reason }, now, "none");
    const outcome = { state: "pending", refusal: reason, triedAt: now } as const;
    return this.expire({ ...record, outcome }, now);
  }

  /** All are through before one that failed is told: what is still on its way would be frozen with the function, or outlive the lease. */
  private async concludeAll(outcomes: readonly Promise<Submitted>[]): Promise<void> {
    const settled = await Promise.allSettled(outcomes);
    for (const outcome of settled) if (outcome.status === "fulfilled") this.note(outcome.value);
    throwFirst(settled);
  }

  private note(more: Submitted): void {
    this.submitted = addSubmitted(this.submitted, more);
  }
}

function throwFirst(settled: readonly PromiseSettledResult<unknown>[]): void {
  const failure = settled.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}

const notMentioned: RecordAnswer = {
  status: "waiting",
  reason: "AWS did not mention it in its answer",
  effect: "unknown",
};
const leftUnprocessed: RecordAnswer = {
  status: "waiting",
  reason: "AWS left it unprocessed again and again",
  effect: "none",
};

const dimensionName = ({ productCode, dimension }: UsageRecord): string =>
  JSON.stringify([productCode, dimension]);

const nameOf = ({ subscriptionId, dimension, hour }: UsageRecord): string =>
  JSON.stringify([subscriptionId, dimension, hour]);

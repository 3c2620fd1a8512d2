import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { callsFor } from "./call.ts";
import type { RecordStore } from "./store.ts";
import type { Effect, UsageRecord } from "./usage-record.ts";

/** What AWS Marketplace said to one call. */
export type CallAnswer =
  | { readonly kind: "answered"; readonly answers: readonly RecordAnswer[] }
  /** The call had no effect, because of at least one record in it. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Nothing wrong with the records: throttled, out of order, not allowed. Later. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect };

export type RecordAnswer =
  | { readonly status: "success" | "duplicate"; readonly meteringRecordId: string | undefined }
  | { readonly status: "waiting"; readonly reason: string; readonly effect: Effect };

/** BatchMeterUsage of AWS Marketplace. */
export interface UsageSubmitter {
  /** Sends records of one product, Region and identity mode in one call; the answers are in the order of the records. */
  submit(records: readonly UsageRecord[]): Promise<CallAnswer>;
}

export interface SubmitPorts {
  readonly records: RecordStore;
  readonly submitter: UsageSubmitter;
  readonly clock: Clock;
}

export interface Submitted {
  readonly accepted: number;
  readonly conflicts: number;
  readonly expired: number;
  /** Why what is still pending is pending: what AWS or the call said. */
  readonly waiting: readonly string[];
}

/** What one run may cost a product, so that the next product gets its turn. */
const recordsPerRun = 1_000;
const callsPerRun = 200;

const nothingSubmitted: Submitted = { accepted: 0, conflicts: 0, expired: 0, waiting: [] };

/**
 * Sends pending records, one product, Region and identity mode a call: those never refused first, nearest deadline first. A
 * record that spoils its call is found by halving the call, so that it holds up no other. Whatever is not accepted stays
 * pending until its deadline; a product that fails altogether leaves the others alone.
 */
export async function submitRecords(ports: SubmitPorts, configuration: Configuration): Promise<Submitted> {
  let all = nothingSubmitted;
  for (const { code } of configuration.products) {
    const submitted = await submitProduct(ports, code).catch((error: unknown) =>
      waitingFor(`${code}: ${error instanceof Error ? error.message : String(error)}`),
    );
    all = addSubmitted(all, submitted);
  }
  return all;
}

async function submitProduct(ports: SubmitPorts, productCode: string): Promise<Submitted> {
  const run = new ProductRun(ports);
  const pending = await ports.records.pending(productCode, recordsPerRun);
  for (const batch of callsFor(pending)) await run.send(batch);
  return run.submitted;
}

/** The calls of one run for one product, and what came of them. */
class ProductRun {
  submitted = nothingSubmitted;
  private callsLeft = callsPerRun;
  private readonly ports: SubmitPorts;

  constructor(ports: SubmitPorts) {
    this.ports = ports;
  }

  async send(batch: readonly UsageRecord[]): Promise<void> {
    const { clock, records } = this.ports;
    const now = await clock.now();
    const inTime = batch.filter(({ deadlineAt }) => deadlineAt > now);
    const late = batch.filter(({ deadlineAt }) => deadlineAt <= now);
    await this.noteAll(
      late.map(async (record) => {
        await records.conclude(record, { state: "expired", refusal: refusalOf(record), at: now });
        return { ...nothingSubmitted, expired: 1 };
      }),
    );
    if (this.callsLeft <= 0) return;
    // Counted before the call, one by one; a record that somebody else is sending is left to them.
    const counted = await Promise.all(inTime.map((record) => records.countAttempt(record)));
    await this.call(inTime.filter((_, index) => counted[index]));
  }

  private async call(batch: readonly UsageRecord[]): Promise<void> {
    if (batch.length === 0) return;
    this.callsLeft -= 1;
    const answer = await this.ports.submitter.submit(batch);
    switch (answer.kind) {
      case "answered":
        await this.noteAll(
          batch.map((record, index) => this.conclude(record, answer.answers[index] ?? notMentioned)),
        );
        return;
      case "unavailable":
        await this.noteAll(batch.map((record) => this.conclude(record, { status: "waiting", ...answer })));
        return;
      case "refused":
        await this.halve(batch, answer.reason);
        return;
      default:
        answer satisfies never;
    }
  }

  /** At most five halvings of 25 records find the one that AWS does not take. */
  private async halve(batch: readonly UsageRecord[], reason: string): Promise<void> {
    const [only, second] = batch;
    if (only !== undefined && second === undefined) {
      await this.noteAll([this.conclude(only, { status: "waiting", reason, effect: "none" })]);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.call(batch.slice(0, half));
    await this.call(batch.slice(half));
  }

  private async conclude(record: UsageRecord, answer: RecordAnswer): Promise<Submitted> {
    const { records, clock } = this.ports;
    const at = await clock.now();
    switch (answer.status) {
      case "success":
        await records.conclude(record, { state: "accepted", meteringRecordId: answer.meteringRecordId, at });
        return { ...nothingSubmitted, accepted: 1 };
      case "duplicate": {
        // With an earlier attempt of ours, which had the same bytes, the duplicate is our own record, accepted then.
        const state = record.attempts > 0 ? "accepted" : "conflict";
        await records.conclude(record, { state, meteringRecordId: answer.meteringRecordId, at });
        return state === "accepted"
          ? { ...nothingSubmitted, accepted: 1 }
          : { ...nothingSubmitted, conflicts: 1 };
      }
      case "waiting":
        await records.postpone(record, answer.reason, at, answer.effect);
        return waitingFor(answer.reason);
      default:
        return answer satisfies never;
    }
  }

  /**
   * Of one call, at most 25 at once. All are through before one that failed ends the run: an outcome still on its way would be
   * frozen with the function, and is not to be had from AWS again.
   */
  private async noteAll(outcomes: readonly Promise<Submitted>[]): Promise<void> {
    const settled = await Promise.allSettled(outcomes);
    for (const outcome of settled)
      if (outcome.status === "fulfilled") this.submitted = addSubmitted(this.submitted, outcome.value);
    const failure = settled.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  }
}

const notMentioned: RecordAnswer = {
  status: "waiting",
  reason: "AWS did not mention it in its answer",
  effect: "unknown",
};

const refusalOf = ({ outcome }: UsageRecord): string | undefined =>
  outcome.state === "pending" ? outcome.refusal : undefined;

const waitingFor = (reason: string): Submitted => ({ ...nothingSubmitted, waiting: [reason] });

export const addSubmitted = (a: Submitted, b: Submitted): Submitted => ({
  accepted: a.accepted + b.accepted,
  conflicts: a.conflicts + b.conflicts,
  expired: a.expired + b.expired,
  waiting: [...a.waiting, ...b.waiting],
});

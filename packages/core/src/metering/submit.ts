import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import type { RecordStore } from "./store.ts";
import type { Outcome, UsageRecord } from "./usage-record.ts";

/** What AWS Marketplace said to one call. */
export type CallAnswer =
  | { readonly kind: "answered"; readonly answers: readonly RecordAnswer[] }
  /** The call had no effect, because of at least one record in it. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Nothing wrong with the records: throttled, out of order, not allowed. Later. */
  | { readonly kind: "unavailable"; readonly reason: string };

export type RecordAnswer =
  | { readonly status: "success" | "duplicate"; readonly meteringRecordId: string | undefined }
  | { readonly status: "not-subscribed" | "unprocessed" | "unknown"; readonly reason: string };

/** BatchMeterUsage of AWS Marketplace. */
export interface UsageSubmitter {
  /** Sends records of one product in one call; the answers are in the order of the records. */
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
  /** Still pending, with what AWS or the call said. */
  readonly waiting: readonly string[];
}

/** AWS takes at most 25 records a call (BatchMeterUsage reference). */
const recordsPerCall = 25;
const recordsPerRun = 1_000;
const nothing: Submitted = { accepted: 0, conflicts: 0, expired: 0, waiting: [] };

/**
 * Sends pending records, one product a call, nearest deadline first. A record that spoils its call is found by halving the
 * call, so that it holds up no other. Whatever is not accepted stays pending until its deadline.
 */
export async function submitRecords(ports: SubmitPorts, configuration: Configuration): Promise<Submitted> {
  let all = nothing;
  for (const { code } of configuration.products) {
    const pending = await ports.records.pending(code, recordsPerRun);
    all = sum(all, await submitProduct(ports, pending));
  }
  return all;
}

async function submitProduct(ports: SubmitPorts, pending: readonly UsageRecord[]): Promise<Submitted> {
  let result = nothing;
  for (let start = 0; start < pending.length; start += recordsPerCall) {
    const now = await ports.clock.now();
    const batch = pending.slice(start, start + recordsPerCall);
    const late = batch.filter(({ deadlineAt }) => deadlineAt <= now);
    for (const record of late) await ports.records.conclude(record, expired(record, now));
    const inTime = batch.filter(({ deadlineAt }) => deadlineAt > now);
    result = sum(sum(result, { ...nothing, expired: late.length }), await submitBatch(ports, inTime));
  }
  return result;
}

const expired = ({ outcome }: UsageRecord, at: Instant): Outcome => ({
  state: "expired",
  refusal: outcome.state === "pending" ? outcome.refusal : undefined,
  at,
});

/** The attempt is counted before the call, one by one, and a record that somebody else is sending is left to them. */
async function submitBatch(ports: SubmitPorts, batch: readonly UsageRecord[]): Promise<Submitted> {
  const unsent: UsageRecord[] = [];
  for (const record of batch) if (await ports.records.countAttempt(record)) unsent.push(record);
  return unsent.length === 0 ? nothing : call(ports, unsent);
}

async function call(ports: SubmitPorts, batch: readonly UsageRecord[]): Promise<Submitted> {
  const answer = await ports.submitter.submit(batch);
  switch (answer.kind) {
    case "answered":
      return concludeAll(ports, batch, answer.answers);
    case "unavailable":
      return { ...nothing, waiting: batch.map(() => answer.reason) };
    case "refused": {
      const [only, second] = batch;
      if (only !== undefined && second === undefined)
        return conclude(ports, only, { status: "unknown", reason: answer.reason });
      const half = Math.ceil(batch.length / 2);
      return sum(await call(ports, batch.slice(0, half)), await call(ports, batch.slice(half)));
    }
    default:
      return answer satisfies never;
  }
}

async function concludeAll(
  ports: SubmitPorts,
  batch: readonly UsageRecord[],
  answers: readonly RecordAnswer[],
): Promise<Submitted> {
  let result = nothing;
  for (const [index, record] of batch.entries()) {
    const answer = answers[index] ?? {
      status: "unprocessed",
      reason: "AWS did not mention it in its answer",
    };
    result = sum(result, await conclude(ports, record, answer));
  }
  return result;
}

async function conclude(
  { records, clock }: SubmitPorts,
  record: UsageRecord,
  answer: RecordAnswer,
): Promise<Submitted> {
  const at = await clock.now();
  switch (answer.status) {
    case "success":
      await records.conclude(record, { state: "accepted", meteringRecordId: answer.meteringRecordId, at });
      return { ...nothing, accepted: 1 };
    case "duplicate": {
      // With an earlier attempt of ours, which had the same bytes, the duplicate is our own record, accepted then.
      const state = record.attempts > 0 ? "accepted" : "conflict";
      await records.conclude(record, { state, meteringRecordId: answer.meteringRecordId, at });
      return state === "accepted" ? { ...nothing, accepted: 1 } : { ...nothing, conflicts: 1 };
    }
    case "not-subscribed":
    case "unprocessed":
    case "unknown":
      await records.conclude(record, { state: "pending", refusal: answer.reason });
      return { ...nothing, waiting: [answer.reason] };
    default:
      return answer satisfies never;
  }
}

const sum = (a: Submitted, b: Submitted): Submitted => ({
  accepted: a.accepted + b.accepted,
  conflicts: a.conflicts + b.conflicts,
  expired: a.expired + b.expired,
  waiting: [...a.waiting, ...b.waiting],
});

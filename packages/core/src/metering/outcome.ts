import type { Settings } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { hourMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { hourOf } from "../time/utc-hour.ts";
import { takeBack } from "./book.ts";
import type { BookStore, RecordStore } from "./store.ts";
import type { RecordAnswer } from "./submission.ts";
import type { RefusedAs, UsageRecord } from "./usage-record.ts";

/** What came of records in a run. */
export interface Submitted {
  readonly accepted: number;
  readonly conflicts: number;
  /** Refused by AWS until their window shut. */
  readonly refused: number;
  readonly expired: number;
  /** Whose units are in the balance again. */
  readonly returned: number;
  /** Still pending. */
  readonly postponed: number;
  readonly calls: number;
  /** Of the calls. */
  readonly throttled: number;
  /** Why what is still pending is pending: what AWS or the call said, each once. */
  readonly waiting: readonly string[];
  /** Time ran out with records left to send. */
  readonly isMore: boolean;
}

export const noneSubmitted: Submitted = {
  ...{ accepted: 0, conflicts: 0, refused: 0, expired: 0, returned: 0, postponed: 0, calls: 0, throttled: 0 },
  waiting: [],
  isMore: false,
};

/** Reasons that a report names; the rest are the same again and again. */
const reasonsTold = 20;

/** What came of two runs together. */
export const addSubmitted = (a: Submitted, b: Submitted): Submitted => ({
  accepted: a.accepted + b.accepted,
  conflicts: a.conflicts + b.conflicts,
  refused: a.refused + b.refused,
  expired: a.expired + b.expired,
  returned: a.returned + b.returned,
  postponed: a.postponed + b.postponed,
  calls: a.calls + b.calls,
  throttled: a.throttled + b.throttled,
  waiting: [...new Set([...a.waiting, ...b.waiting])].slice(0, reasonsTold),
  isMore: a.isMore || b.isMore,
});

export interface OutcomePorts {
  readonly records: Pick<RecordStore, "conclude" | "postpone">;
  readonly books: Pick<BookStore, "load" | "giveBack">;
  readonly clock: Clock;
}

/** Writes what AWS answered about a record, given as it was before the attempt. */
export async function concludeRecord(
  { records, clock }: OutcomePorts,
  record: UsageRecord,
  answer: Exclude<RecordAnswer, { status: "unprocessed" }>,
): Promise<Submitted> {
  const at = await clock.now();
  switch (answer.status) {
    case "success":
      await records.conclude(record, { state: "accepted", meteringRecordId: answer.meteringRecordId, at });
      return { ...noneSubmitted, accepted: 1 };
    case "duplicate": {
      // With an earlier attempt of ours, which had the same bytes, the duplicate is our own record, accepted then.
      const state = record.attempts > 0 ? "accepted" : "conflict";
      await records.conclude(record, { state, meteringRecordId: answer.meteringRecordId, at });
      return { ...noneSubmitted, ...(state === "accepted" ? { accepted: 1 } : { conflicts: 1 }) };
    }
    case "waiting": {
      const { reason, effect } = answer;
      const retryAt = answer.refusedAs === undefined ? undefined : nextTry(record, at);
      // What AWS has refused once it has not taken, whatever is said to the tries that follow.
      const refusedAs = answer.refusedAs ?? refusedBefore(record);
      await records.postpone(record, { refusal: reason, refusedAs, retryAt }, at, effect);
      return { ...noneSubmitted, postponed: 1, waiting: [reason] };
    }
    default:
      return answer satisfies never;
  }
}

/** What AWS refuses because of the record or its buyer may be taken later in the window; until then it is not asked every minute. */
const refusedPauseMs = hourMs;
/** The last try comes so long before the deadline, and then the record comes up once more to get its outcome. */
const lastTryMs = 10 * minuteMs;

function nextTry({ deadlineAt }: UsageRecord, now: Instant): Instant {
  const last = laterBy(deadlineAt, -lastTryMs);
  const wished = laterBy(now, refusedPauseMs);
  if (wished <= last) return wished;
  return now < last ? last : deadlineAt;
}

const refusedBefore = ({ outcome }: UsageRecord): RefusedAs | undefined =>
  outcome.state === "pending" ? outcome.refusedAs : undefined;

/** Tries to give units back, while others change the same book. */
const maxTries = 10;

/**
 * Writes the outcome of a pending record whose window has shut. When no attempt can have reached AWS, AWS does not have it and never
 * will, under this hour: its units go back into the balance, and so into a later hour of the grant, or are written off there.
 */
export async function concludeExpired(
  { records, books }: OutcomePorts,
  { lateUsage }: Pick<Settings, "lateUsage">,
  record: UsageRecord,
  at: Instant,
): Promise<Submitted> {
  const { refusal, refusedAs } = record.outcome.state === "pending" ? record.outcome : {};
  if (record.attempts === 0 && refusedAs === undefined && record.entry.quantity > 0n) {
    // In its own hour, which has a record, it would be taken for late usage; it is not, and is not to be written off as such.
    const backIn = lateUsage === "write-off" ? hourOf(at) : record.hour;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const key = { subscriptionId: record.subscriptionId, dimension: record.dimension };
      const before = await books.load(key);
      const after = takeBack(before, backIn, record.entry.allocations);
      const given = await books.giveBack(after, record, { state: "returned", refusal, at });
      if (given === "returned") return { ...noneSubmitted, returned: 1 };
      // Nobody changed the book, so the record is not what it was: somebody else attends to it.
      if ((await books.load(key)).version === before.version) return noneSubmitted;
    }
    return { ...noneSubmitted, waiting: ["a book changed again and again while units were given back"] };
  }
  const state = record.attempts === 0 ? (refusedAs ?? "expired") : "expired";
  await records.conclude(record, { state, refusal, at });
  return { ...noneSubmitted, ...(state === "expired" ? { expired: 1 } : { refused: 1 }) };
}

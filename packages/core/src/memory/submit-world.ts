import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { post, seal } from "../metering/book.ts";
import type { BookStore, RecordStore, SubmitLease } from "../metering/store.ts";
import { submitRecords } from "../metering/submit.ts";
import type { CallAnswer, RecordAnswer } from "../metering/submission.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { wholeUnits } from "../quantity/micro-units.ts";
import { fixedClock } from "../time/clock.ts";
import { laterBy } from "../time/instant.ts";
import { untagged } from "../usage/usage-event.ts";
import { analyticsCode, at, buyerAccountId, exampleConfiguration, hour, licenseArn } from "./example.ts";
import { memoryMetering } from "./metering-store.ts";
import { memorySwitches } from "./switches.ts";

export const now = at("2026-08-20T15:20:00Z");
export const used = hour("2026-08-20T14");
export const name = (index: number) => `l-${String(index).padStart(20, "0")}`;

/** A pending record of a subscription of its own; the higher the index, the later the deadline. */
export const recordOf = (index: number, change: Partial<UsageRecord> = {}): UsageRecord => ({
  subscriptionId: name(index) as SubscriptionId,
  dimension: "gb_stored",
  hour: used,
  productCode: analyticsCode,
  entry: {
    region: "us-east-1",
    identity: { by: "license", licenseArn, buyerAccountId },
    dimension: "gb_stored",
    timestamp: at("2026-08-20T14:00:00Z"),
    quantity: 1n,
    allocations: [{ tagSet: untagged, units: 1n }],
  },
  taken: [],
  deadlineAt: laterBy(now, 1_000 * (index + 1)),
  attempts: 0,
  outcome: { state: "pending" },
  ...change,
});

export type Answering = (records: readonly UsageRecord[], call: number) => CallAnswer;

export const answered = (
  records: readonly UsageRecord[],
  answer: (record: UsageRecord) => RecordAnswer,
): CallAnswer => ({
  kind: "answered",
  answers: records.map(answer),
});
export const success: RecordAnswer = { status: "success", meteringRecordId: "m-1" };
export const notSubscribed: CallAnswer = {
  kind: "answered",
  answers: [
    { status: "waiting", reason: "CustomerNotSubscribed", effect: "none", refusedAs: "not-subscribed" },
  ],
};
export const takesAll: Answering = (records) => answered(records, () => success);

export const always: SubmitLease = {
  take: () => Promise.resolve(true),
  keep: () => Promise.resolve(true),
  release: () => Promise.resolve(),
};

/** Pending records in memory, and everything that was sent and concluded. */
export async function submitWorld(records: readonly UsageRecord[], configuration = exampleConfiguration) {
  const { books, records: store } = memoryMetering();
  const switches = memorySwitches();
  for (const record of records) {
    const key = { subscriptionId: record.subscriptionId, dimension: record.dimension };
    const units = record.entry.quantity;
    if (units === 0n) {
      await books.sealZero(record);
      continue;
    }
    const amounts = new Map([[untagged, wholeUnits(units)]]);
    const posted = post(await books.load(key), record.hour, amounts);
    await books.post(posted, { book: key, hour: record.hour, amounts }, `p-${record.hour}`);
    await books.seal(seal(posted, record.hour).book, record);
  }
  const calls: (readonly string[])[] = [];
  const outcomes = new Map<string, Outcome>();
  const submit = (
    answering: Answering,
    at = now,
    {
      records: to = store,
      books: held = books,
      lease = always,
      hasTime = () => true,
    }: Partial<Submitting> = {},
  ) =>
    submitRecords(
      {
        clock: fixedClock(at),
        submitter: {
          submit(batch) {
            calls.push(batch.map(({ subscriptionId }) => subscriptionId));
            return Promise.resolve(answering(batch, calls.length));
          },
        },
        records: {
          ...to,
          conclude: (record, outcome) => {
            outcomes.set(record.subscriptionId, outcome);
            return to.conclude(record, outcome);
          },
        },
        ...{ books: held, switches, lease },
      },
      configuration,
      hasTime,
    );
  const someday = laterBy(now, 48 * 3_600_000);
  const pending = (by = someday) => store.pending(analyticsCode, by, 1_000);
  return { submit, calls, outcomes, pending, store, books, switches };
}

export interface Submitting {
  readonly records: RecordStore;
  readonly books: Pick<BookStore, "load" | "giveBack">;
  readonly lease: SubmitLease;
  readonly hasTime: () => boolean;
}

export const many = (count: number, change: Partial<UsageRecord> = {}) =>
  Array.from({ length: count }, (_, index) => recordOf(index, change));

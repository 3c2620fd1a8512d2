import { describe, expect, test } from "vitest";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import {
  analyticsCode,
  at,
  buyerAccountId,
  exampleConfiguration,
  hour,
  licenseArn,
  mailerCode,
} from "../memory/example.ts";
import { memoryMetering } from "../memory/metering-store.ts";
import { wholeUnits } from "../quantity/micro-units.ts";
import { fixedClock } from "../time/clock.ts";
import { laterBy } from "../time/instant.ts";
import { type TagSet, untagged } from "../usage/usage-event.ts";
import { post, seal } from "./book.ts";
import type { RecordStore } from "./store.ts";
import type { CallAnswer, RecordAnswer } from "./submit.ts";
import { submitRecords } from "./submit.ts";
import type { Outcome, UsageRecord } from "./usage-record.ts";

const now = at("2026-08-20T15:20:00Z");
const used = hour("2026-08-20T14");
const name = (index: number) => `l-${String(index).padStart(20, "0")}`;

/** A pending record of a subscription of its own; the higher the index, the later the deadline. */
const recordOf = (index: number, change: Partial<UsageRecord> = {}): UsageRecord => ({
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
  deadlineAt: laterBy(now, 1_000 * (index + 1)),
  attempts: 0,
  outcome: { state: "pending" },
  ...change,
});

type Answering = (records: readonly UsageRecord[], call: number) => CallAnswer;

const answered = (
  records: readonly UsageRecord[],
  answer: (record: UsageRecord) => RecordAnswer,
): CallAnswer => ({
  kind: "answered",
  answers: records.map(answer),
});
const success: RecordAnswer = { status: "success", meteringRecordId: "m-1" };
const takesAll: Answering = (records) => answered(records, () => success);

/** Pending records in memory, and everything that was sent and concluded. */
async function world(records: readonly UsageRecord[]) {
  const { books, records: store } = memoryMetering();
  for (const record of records) {
    const key = { subscriptionId: record.subscriptionId, dimension: record.dimension };
    const amounts = new Map([[untagged, wholeUnits(1n)]]);
    const posted = post(await books.load(key), used, amounts);
    await books.post(posted, { book: key, hour: used, amounts }, "p-1");
    expect(await books.seal(seal(posted, used).book, record)).toBe("sealed");
  }
  const calls: (readonly string[])[] = [];
  const outcomes = new Map<string, Outcome>();
  const submit = (answering: Answering, at = now, to = store) =>
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
      },
      exampleConfiguration,
    );
  const pending = () => store.pending(analyticsCode, 1_000);
  return { submit, calls, outcomes, pending, store };
}

const many = (count: number, change: Partial<UsageRecord> = {}) =>
  Array.from({ length: count }, (_, index) => recordOf(index, change));

describe("submitting", () => {
  test("sends at most 25 records a call, nearest deadline first, each once", async () => {
    const { submit, calls, pending } = await world(many(60).toReversed());
    expect(await submit(takesAll)).toEqual({ accepted: 60, conflicts: 0, expired: 0, waiting: [] });
    expect(calls.map((call) => call.length)).toEqual([25, 25, 10]);
    expect(calls.flat()).toEqual(many(60).map(({ subscriptionId }) => subscriptionId));
    expect(await pending()).toEqual([]);
  });

  test("never mixes products in one call", async () => {
    const other = recordOf(2, { productCode: mailerCode });
    const { submit, calls } = await world([recordOf(0), other, recordOf(1)]);
    await submit(takesAll);
    expect(calls.toSorted()).toEqual([[name(0), name(1)], [name(2)]]);
  });

  test("without anything pending calls nobody", async () => {
    const { submit, calls } = await world([]);
    expect(await submit(takesAll)).toEqual({ accepted: 0, conflicts: 0, expired: 0, waiting: [] });
    expect(calls).toEqual([]);
  });

  test("resends exactly what was sent", async () => {
    const { submit, store } = await world([recordOf(0)]);
    const sent: unknown[] = [];
    const noting =
      (answer: CallAnswer): Answering =>
      (records) => {
        sent.push(records.map(({ entry }) => entry));
        return answer;
      };
    await submit(noting({ kind: "unavailable", reason: "timeout", effect: "unknown" }));
    await submit(noting({ kind: "answered", answers: [success] }), laterBy(now, 500));
    expect(sent[1]).toEqual(sent[0]);
    expect(await store.pending(analyticsCode, 1)).toEqual([]);
  });
});

describe("a record that spoils its call", () => {
  test.each(Array.from({ length: 25 }, (_, index) => index))(
    "at place %d of 25 holds up no other",
    async (poison) => {
      const { submit, calls, pending } = await world(many(25));
      const refusing: Answering = (records) =>
        records.some(({ subscriptionId }) => subscriptionId === name(poison))
          ? { kind: "refused", reason: "InvalidLicenseException" }
          : answered(records, () => success);
      expect(await submit(refusing)).toEqual({
        accepted: 24,
        conflicts: 0,
        expired: 0,
        waiting: ["InvalidLicenseException"],
      });
      expect(await pending()).toEqual([
        recordOf(poison, {
          outcome: { state: "pending", refusal: "InvalidLicenseException", triedAt: now },
        }),
      ]);
      expect(calls.length).toBeLessThanOrEqual(11);
    },
  );

  test("all of them leave every record pending, with no attempt on its account", async () => {
    const { submit, pending } = await world(many(25));
    await submit(() => ({ kind: "refused", reason: "InvalidProductCodeException" }));
    const left = await pending();
    expect(left).toHaveLength(25);
    expect(left.every(({ attempts }) => attempts === 0)).toBe(true);
  });
});

describe("a duplicate", () => {
  const duplicate: Answering = (records) =>
    answered(records, () => ({ status: "duplicate", meteringRecordId: "m-old" }));

  test("of an attempt whose answer was lost is our own record, and accepted", async () => {
    const { submit, outcomes } = await world([recordOf(0)]);
    await submit(() => ({ kind: "unavailable", reason: "timeout", effect: "unknown" }));
    expect(await submit(duplicate)).toMatchObject({ accepted: 1, conflicts: 0 });
    expect(outcomes.get(name(0))).toEqual({ state: "accepted", meteringRecordId: "m-old", at: now });
  });

  test("of a crash right after the call is our own record, and accepted", async () => {
    const { submit, outcomes } = await world([recordOf(0)]);
    const crash = await submit(() => {
      throw new Error("crashed");
    });
    expect(crash.waiting).toEqual([`${analyticsCode}: crashed`]);
    expect(await submit(duplicate)).toMatchObject({ accepted: 1, conflicts: 0 });
    expect(outcomes.get(name(0))?.state).toBe("accepted");
  });

  test.each<[string, Answering | undefined]>([
    ["without any attempt", undefined],
    [
      "after a throttled call",
      () => ({ kind: "unavailable", reason: "ThrottlingException", effect: "none" }),
    ],
    ["after a call that was refused as a whole", () => ({ kind: "refused", reason: "InvalidTagException" })],
    [
      "after an answer that it was not processed",
      (records) =>
        answered(records, () => ({ status: "waiting", reason: "UnprocessedRecords", effect: "none" })),
    ],
  ])("%s is somebody else's record: a conflict", async (_, before) => {
    const { submit, outcomes } = await world([recordOf(0)]);
    if (before !== undefined) await submit(before);
    expect(await submit(duplicate)).toMatchObject({ accepted: 0, conflicts: 1 });
    expect(outcomes.get(name(0))?.state).toBe("conflict");
  });
});

describe("what is not accepted", () => {
  test.each<[string, CallAnswer]>([
    ["throttled", { kind: "unavailable", reason: "ThrottlingException", effect: "none" }],
    [
      "not subscribed",
      { kind: "answered", answers: [{ status: "waiting", reason: "CustomerNotSubscribed", effect: "none" }] },
    ],
    [
      "not processed",
      { kind: "answered", answers: [{ status: "waiting", reason: "UnprocessedRecords", effect: "none" }] },
    ],
    ["not mentioned", { kind: "answered", answers: [] }],
  ])("(%s) stays pending and is accepted later", async (_, answer) => {
    const { submit, pending } = await world([recordOf(0)]);
    expect((await submit(() => answer)).waiting).toHaveLength(1);
    expect(await pending()).toHaveLength(1);
    expect(await submit(takesAll)).toMatchObject({ accepted: 1, waiting: [] });
    expect(await pending()).toEqual([]);
  });

  test("keeps its attempt only when the call may have reached AWS", async () => {
    const attempts = async (answer: CallAnswer) => {
      const { submit, pending } = await world([recordOf(0)]);
      await submit(() => answer);
      return (await pending())[0]?.attempts;
    };
    expect(await attempts({ kind: "unavailable", reason: "timeout", effect: "unknown" })).toBe(1);
    expect(await attempts({ kind: "answered", answers: [] })).toBe(1);
    expect(await attempts({ kind: "unavailable", reason: "AccessDenied", effect: "none" })).toBe(0);
    expect(await attempts({ kind: "refused", reason: "InvalidTagException" })).toBe(0);
    expect(
      await attempts({
        kind: "answered",
        answers: [{ status: "waiting", reason: "CustomerNotSubscribed", effect: "none" }],
      }),
    ).toBe(0);
  });

  test("expires at its deadline, is not sent any more and keeps what AWS said last", async () => {
    const { submit, calls, outcomes, pending } = await world([recordOf(0), recordOf(9)]);
    await submit((records) =>
      answered(records, () => ({ status: "waiting", reason: "CustomerNotSubscribed", effect: "none" })),
    );
    calls.length = 0;
    const late = recordOf(0).deadlineAt;
    expect(await submit(takesAll, late)).toMatchObject({ accepted: 1, expired: 1 });
    expect(calls).toEqual([[name(9)]]);
    expect(outcomes.get(name(0))).toEqual({ state: "expired", refusal: "CustomerNotSubscribed", at: late });
    expect(await pending()).toEqual([]);
  });
});

describe("a call", () => {
  test("carries one Region and one identity mode, whatever is pending together", async () => {
    const there = { ...recordOf(1).entry, region: "eu-west-1" };
    const identity = { by: "product-code", productCode: analyticsCode, customerIdentifier: "X01" } as const;
    const old = { ...recordOf(2).entry, identity };
    const { submit, calls } = await world([
      recordOf(0),
      recordOf(1, { entry: there }),
      recordOf(2, { entry: old }),
    ]);
    expect(await submit(takesAll)).toMatchObject({ accepted: 3 });
    expect(calls.toSorted()).toEqual([[name(0)], [name(1)], [name(2)]]);
  });

  test("stays below AWS's megabyte, however many tags its records have", async () => {
    const allocations = Array.from({ length: 1_000 }, (_, index) => ({
      tagSet: JSON.stringify([["team", `${index}-${"x".repeat(100)}`]]) as TagSet,
      units: 1n,
    }));
    const entry = { ...recordOf(0).entry, allocations };
    const { submit, calls } = await world(many(6, { entry }));
    expect(await submit(takesAll)).toMatchObject({ accepted: 6 });
    expect(calls.map((call) => call.length)).toEqual([2, 2, 2]);
  });
});

describe("what came of a call", () => {
  /** Outcomes are stored only once so many of them are under way, and then the last first. */
  function gated(store: RecordStore, atOnce: number, broken?: string): RecordStore {
    const waiting: PromiseWithResolvers<undefined>[] = [];
    const gate = async (): Promise<void> => {
      const turn = Promise.withResolvers<undefined>();
      waiting.push(turn);
      if (waiting.length === atOnce) for (const { resolve } of waiting.toReversed()) resolve(undefined);
      await turn.promise;
    };
    return {
      ...store,
      conclude: async (record, outcome) => {
        await gate();
        if (record.subscriptionId === broken) throw new Error("the table is not there");
        await store.conclude(record, outcome);
      },
      postpone: async (...given) => {
        await gate();
        await store.postpone(...given);
      },
    };
  }

  test("is stored at once for all records of the call", async () => {
    const { submit, pending, store } = await world(many(25));
    expect(await submit(takesAll, now, gated(store, 25))).toMatchObject({ accepted: 25, waiting: [] });
    expect(await pending()).toEqual([]);
  });

  test("is told in the order of the records, whichever was stored first", async () => {
    const { submit, store } = await world(many(3));
    const answer = ({ subscriptionId }: UsageRecord) =>
      ({ status: "waiting", reason: subscriptionId, effect: "none" }) as const;
    const { waiting } = await submit((records) => answered(records, answer), now, gated(store, 3));
    expect(waiting).toEqual([name(0), name(1), name(2)]);
  });

  test("is stored at once when no call could be made, and for all records that are too late", async () => {
    const { submit, store } = await world(many(3));
    const throttled = { kind: "unavailable", reason: "throttled", effect: "none" } as const;
    expect((await submit(() => throttled, now, gated(store, 3))).waiting).toHaveLength(3);
    expect(await submit(takesAll, laterBy(now, 60_000), gated(store, 3))).toMatchObject({ expired: 3 });
  });

  test("is stored for all others when it cannot be for one, before the run says so", async () => {
    const { submit, pending, store } = await world(many(5));
    const { waiting } = await submit(takesAll, now, gated(store, 5, name(1)));
    expect(waiting).toEqual([`${analyticsCode}: the table is not there`]);
    expect(await pending()).toEqual([recordOf(1, { attempts: 1 })]);
  });
});

describe("a backlog of refused records", () => {
  test("costs a run a bounded number of calls and lets new records go first", async () => {
    const refusedOnes = new Set(many(300).map(({ subscriptionId }) => subscriptionId as string));
    const { submit, calls, outcomes } = await world([...many(300), recordOf(700)]);
    const refusing: Answering = (records) =>
      records.some(({ subscriptionId }) => refusedOnes.has(subscriptionId))
        ? { kind: "refused", reason: "InvalidLicenseException" }
        : answered(records, () => success);
    await submit(refusing);
    expect(calls.length).toBeLessThan(250);
    await submit(refusing);
    await submit(refusing);
    expect(outcomes.get(name(700))).toMatchObject({ state: "accepted" });
  });
});

describe("two submitters at once", () => {
  test("leave a record open on a duplicate that may be the other's success", async () => {
    const { submit, pending, store } = await world([recordOf(0)]);
    await submit((records) => {
      void store.countAttempt(recordOf(0, { attempts: 1 }));
      return answered(records, () => ({ status: "duplicate", meteringRecordId: "m-1" }));
    });
    expect(await pending()).toMatchObject([{ attempts: 2, outcome: { state: "pending" } }]);
  });

  test("never send the same attempt twice: a record counted by one is left to it", async () => {
    const { submit, calls } = await world(many(10));
    const [one, other] = await Promise.all([submit(takesAll), submit(takesAll)]);
    expect(one.accepted + other.accepted).toBe(10);
    expect(calls.flat().toSorted()).toEqual(many(10).map(({ subscriptionId }) => subscriptionId));
  });
});

import { describe, expect, test } from "vitest";
import { analyticsCode, at, mailerCode } from "../memory/example.ts";
import { memoryLease } from "../memory/lease.ts";
import {
  always,
  answered,
  type Answering,
  many,
  name,
  now,
  recordOf,
  submitWorld as world,
  success,
  takesAll,
} from "../memory/submit-world.ts";
import { fixedClock } from "../time/clock.ts";
import { hourMs, laterBy } from "../time/instant.ts";
import { type TagSet } from "../usage/usage-event.ts";
import { noneSubmitted } from "./outcome.ts";
import type { RecordStore, SubmitLease } from "./store.ts";
import type { CallAnswer } from "./submission.ts";
import type { UsageRecord } from "./usage-record.ts";

describe("submitting", () => {
  test("sends at most 25 records a call, nearest deadline first, each once", async () => {
    const { submit, calls, pending } = await world(many(60).toReversed());
    expect(await submit(takesAll)).toEqual({ ...noneSubmitted, accepted: 60, calls: 3 });
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
    expect(await submit(takesAll)).toEqual(noneSubmitted);
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
    expect(await store.pending(analyticsCode, laterBy(now, 90_000_000), 1)).toEqual([]);
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
      expect(await submit(refusing)).toMatchObject({
        accepted: 24,
        postponed: 1,
        waiting: ["InvalidLicenseException"],
      });
      expect(await pending()).toMatchObject([
        recordOf(poison, {
          outcome: {
            state: "pending",
            refusal: "InvalidLicenseException",
            refusedAs: "rejected",
            triedAt: now,
          },
        }),
      ]);
      expect(calls.length).toBeLessThanOrEqual(11);
    },
  );

  test("and another one beside it, wherever the two are, hold up no other", async () => {
    for (let first = 0; first < 25; first += 1) {
      for (let second = first + 1; second < 25; second += 3) {
        const { submit, calls, pending } = await world(many(25));
        const poison = new Set([name(first), name(second)]);
        const refusing: Answering = (records) =>
          records.some(({ subscriptionId }) => poison.has(subscriptionId))
            ? { kind: "refused", reason: "InvalidTagException" }
            : answered(records, () => success);
        expect(await submit(refusing)).toMatchObject({ accepted: 23, postponed: 2 });
        expect((await pending()).map(({ subscriptionId }) => subscriptionId as string)).toEqual([...poison]);
        expect(calls.length).toBeLessThanOrEqual(21);
      }
    }
  });

  test("is sent again after an hour, and a last time shortly before its deadline", async () => {
    const deadlineAt = at("2026-08-20T17:00:00Z");
    const { submit, calls, outcomes } = await world([recordOf(0, { deadlineAt })]);
    const refusing: Answering = () => ({ kind: "refused", reason: "InvalidUsageDimensionException" });
    const minutes: number[] = [];
    for (let minute = 0; minute <= 105; minute += 1) {
      const before = calls.length;
      await submit(refusing, laterBy(now, minute * 60_000));
      if (calls.length > before) minutes.push(minute);
    }
    expect(minutes).toEqual([0, 60, 90]);
    expect(outcomes.get(name(0))).toEqual({
      state: "rejected",
      refusal: "InvalidUsageDimensionException",
      at: deadlineAt,
    });
  });

  test("all of them leave every record pending, with no attempt on its account", async () => {
    const { submit, pending } = await world(many(25));
    await submit(() => ({ kind: "refused", reason: "InvalidTagException" }));
    const left = await pending();
    expect(left).toHaveLength(25);
    expect(left.every(({ attempts }) => attempts === 0)).toBe(true);
  });
});

describe("a run", () => {
  test("ends when its time is over, and says that there is more", async () => {
    const { submit, pending } = await world(many(400));
    let calls = 0;
    const report = await submit(takesAll, now, { hasTime: () => (calls += 1) <= 5 });
    expect(report.isMore).toBe(true);
    expect(report.accepted).toBeGreaterThan(0);
    expect((await pending()).length + report.accepted).toBe(400);
    expect(await submit(takesAll)).toMatchObject({ accepted: 400 - report.accepted, isMore: false });
  });

  test("is made by one at a time, and stops when another one has the lease", async () => {
    const { submit, calls } = await world(many(400));
    const leases = memoryLease(fixedClock(now));
    const [ours, theirs] = [leases(), leases()];
    expect(await theirs.take()).toBe(true);
    expect(await submit(takesAll, now, { lease: ours })).toEqual(noneSubmitted);
    expect(calls).toEqual([]);
    let kept = 0;
    const lost: SubmitLease = { ...always, keep: () => Promise.resolve((kept += 1) <= 3) };
    expect((await submit(takesAll, now, { lease: lost })).accepted).toBeLessThan(400);
  });

  test("is made by nobody who could not keep the lease, whatever was on its way", async () => {
    const { submit, calls } = await world(many(250));
    let kept = 0;
    let isReleased = false;
    const shaky: SubmitLease = {
      ...always,
      keep: () => ((kept += 1) === 2 ? Promise.reject(new Error("no answer")) : Promise.resolve(true)),
      release: () => Promise.resolve(void (isReleased = true)),
    };
    const late: boolean[] = [];
    const noting: Answering = (records) => {
      late.push(isReleased);
      return takesAll(records, calls.length);
    };
    await expect(submit(noting, now, { lease: shaky })).rejects.toThrow("no answer");
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).not.toContain(true);
    expect(calls.length).toBeLessThan(10);
  });

  test("sends the nearest deadline first, whichever product it is of", async () => {
    const mail = recordOf(0, { productCode: mailerCode });
    const { submit, calls } = await world([recordOf(1), mail]);
    await submit(takesAll);
    expect(calls).toEqual([[name(0)], [name(1)]]);
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
    expect(await submit(takesAll, now, { records: gated(store, 25) })).toMatchObject({ accepted: 25 });
    expect(await pending()).toEqual([]);
  });

  test("is told in the order of the records, whichever was stored first", async () => {
    const { submit, store } = await world(many(3));
    const answer = ({ subscriptionId }: UsageRecord) =>
      ({ status: "waiting", reason: subscriptionId, effect: "none" }) as const;
    const { waiting } = await submit((records) => answered(records, answer), now, {
      records: gated(store, 3),
    });
    expect(waiting).toEqual([name(0), name(1), name(2)]);
  });

  test("is stored at once when no call could be made", async () => {
    const { submit, store } = await world(many(3));
    const down = { kind: "unavailable", reason: "timeout", effect: "unknown" } as const;
    expect(await submit(() => down, now, { records: gated(store, 3) })).toMatchObject({ postponed: 3 });
  });

  test("is stored for all others when it cannot be for one, before the run says so", async () => {
    const { submit, pending, store } = await world(many(5));
    const { waiting } = await submit(takesAll, now, { records: gated(store, 5, name(1)) });
    expect(waiting).toEqual([`${analyticsCode}: the table is not there`]);
    expect(await pending()).toEqual([recordOf(1, { attempts: 1 })]);
  });
});

test("an attempt that cannot be counted leaves those beside it their call", async () => {
  const { submit, store, calls } = await world(many(5));
  const records: RecordStore = {
    ...store,
    countAttempt: (record) =>
      record.subscriptionId === name(2)
        ? Promise.reject(new Error("the table is not there"))
        : store.countAttempt(record),
  };
  const report = await submit(takesAll, now, { records });
  expect(report).toMatchObject({ accepted: 4, waiting: ["the table is not there"] });
  expect(calls.flat()).not.toContain(name(2));
});

test("what was throttled goes before what is due later, although it was tried before", async () => {
  const { submit, calls } = await world([recordOf(0), ...many(60).slice(30)]);
  await submit(
    (records) =>
      records.some((one) => one.subscriptionId === name(0)) ? { kind: "throttled" } : takesAll(records, 1),
    now,
    {
      hasTime: () => calls.length < 9,
    },
  );
  calls.length = 0;
  await submit(takesAll);
  expect(calls[0]?.[0]).toBe(name(0));
});

describe("a backlog of refused records", () => {
  test("of one dimension that AWS does not know leaves the others of the product their turn", async () => {
    const deadlineAt = laterBy(now, 20 * hourMs);
    const mistyped = many(400, { deadlineAt, dimension: "gb_storred" });
    const good = Array.from({ length: 300 }, (_, index) => recordOf(500 + index, { deadlineAt }));
    const { submit } = await world([...mistyped, ...good]);
    const report = await submit((records) =>
      records.some(({ dimension }) => dimension === "gb_storred")
        ? { kind: "refused", reason: "InvalidUsageDimensionException", isUnknownDimension: true }
        : takesAll(records, 1),
    );
    expect(report.accepted).toBe(300);
    expect(report.calls).toBeLessThan(150);
  });

  test("costs a run a bounded number of calls, and the others of the product their turn only until the next", async () => {
    const deadlineAt = laterBy(now, 20 * hourMs);
    const refusedOnes = new Set(many(300).map(({ subscriptionId }) => subscriptionId as string));
    const { submit, calls, outcomes } = await world([
      ...many(300, { deadlineAt }),
      recordOf(700, { deadlineAt }),
      recordOf(701, { deadlineAt, productCode: mailerCode }),
    ]);
    const refusing: Answering = (records) =>
      records.some(({ subscriptionId }) => refusedOnes.has(subscriptionId))
        ? { kind: "refused", reason: "InvalidLicenseException" }
        : answered(records, () => success);
    await submit(refusing);
    expect(calls.length).toBeLessThan(700);
    expect(outcomes.get(name(701))).toMatchObject({ state: "accepted" });
    for (let run = 0; run < 3; run += 1) await submit(refusing, laterBy(now, 60_000));
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

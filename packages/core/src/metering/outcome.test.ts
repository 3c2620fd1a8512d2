import { describe, expect, test } from "vitest";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { analyticsCode, exampleConfiguration, hour, mailerCode } from "../memory/example.ts";
import {
  answered,
  type Answering,
  many,
  name,
  notSubscribed,
  now,
  recordOf,
  submitWorld as world,
  success,
  takesAll,
  used,
} from "../memory/submit-world.ts";
import { hourMs, laterBy } from "../time/instant.ts";
import { untagged } from "../usage/usage-event.ts";
import { noneSubmitted } from "./outcome.ts";
import type { RecordStore } from "./store.ts";
import type { CallAnswer } from "./submission.ts";
import type { UsageRecord } from "./usage-record.ts";

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
    ["after throttled calls", () => ({ kind: "throttled" })],
    ["after a call that was refused as a whole", () => ({ kind: "refused", reason: "InvalidTagException" })],
    [
      "after answers that it was not processed",
      (records) => answered(records, () => ({ status: "unprocessed" })),
    ],
  ])("%s is somebody else's record: a conflict", async (_, before) => {
    const { submit, outcomes } = await world([recordOf(0, { deadlineAt: laterBy(now, 20 * hourMs) })]);
    if (before !== undefined) await submit(before);
    expect(await submit(duplicate, laterBy(now, hourMs))).toMatchObject({ accepted: 0, conflicts: 1 });
    expect(outcomes.get(name(0))?.state).toBe("conflict");
  });
});

describe("what is not accepted", () => {
  test.each<[string, CallAnswer]>([
    ["throttled", { kind: "throttled" }],
    ["not subscribed", notSubscribed],
    ["not processed", { kind: "answered", answers: [{ status: "unprocessed" }] }],
    ["not mentioned", { kind: "answered", answers: [] }],
    ["barred", { kind: "barred", reason: "no role" }],
    ["without an answer", { kind: "unavailable", reason: "timeout", effect: "unknown" }],
  ])("(%s) stays pending and is accepted later", async (_, answer) => {
    const { submit, pending } = await world([recordOf(0, { deadlineAt: laterBy(now, 20 * hourMs) })]);
    expect((await submit(() => answer)).waiting).toHaveLength(1);
    expect(await pending()).toHaveLength(1);
    expect(await submit(takesAll, laterBy(now, hourMs))).toMatchObject({ accepted: 1, waiting: [] });
    expect(await pending()).toEqual([]);
  });

  test.each<[string, (records: readonly UsageRecord[]) => CallAnswer]>([
    ["throttled", () => ({ kind: "throttled" })],
    ["not processed", (records) => answered(records, () => ({ status: "unprocessed" }))],
  ])("(%s) is sent again in the same run, and only what was not taken", async (_, first) => {
    const { submit, calls, pending } = await world(many(5));
    const report = await submit((records, call) => {
      if (call === 1) return first(records);
      return call === 2
        ? answered(records, ({ subscriptionId }) =>
            subscriptionId === name(3) ? { status: "unprocessed" } : success,
          )
        : takesAll(records, call);
    });
    expect(report).toMatchObject({ accepted: 5, calls: 3 });
    expect(calls.map((call) => call.length)).toEqual([5, 5, 1]);
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
    expect(await attempts({ kind: "barred", reason: "AccessDenied" })).toBe(0);
    expect(await attempts({ kind: "throttled" })).toBe(0);
    expect(await attempts({ kind: "refused", reason: "InvalidTagException" })).toBe(0);
    expect(await attempts(notSubscribed)).toBe(0);
  });

  test.each<[string, CallAnswer, object]>([
    ["not subscribed", notSubscribed, { state: "not-subscribed", refusal: "CustomerNotSubscribed" }],
    [
      "refused",
      { kind: "refused", reason: "InvalidTagException" },
      { state: "rejected", refusal: "InvalidTagException" },
    ],
    [
      "without an answer",
      { kind: "unavailable", reason: "timeout", effect: "unknown" },
      { state: "expired", refusal: "timeout" },
    ],
  ])(
    "(%s) gets its outcome at its deadline, is not sent any more, and keeps what AWS said last",
    async (_, answer, outcome) => {
      const { submit, calls, outcomes, pending, books } = await world([recordOf(0), recordOf(9)]);
      await submit((records) =>
        records.length === 1 && records[0]?.subscriptionId === name(9) ? takesAll(records, 1) : answer,
      );
      calls.length = 0;
      const late = recordOf(0).deadlineAt;
      await submit(takesAll, late);
      expect(calls.flat()).not.toContain(name(0));
      expect(outcomes.get(name(0))).toEqual({ ...outcome, at: late });
      expect((await pending()).map(({ subscriptionId }) => subscriptionId)).not.toContain(name(0));
      const book = await books.load({ subscriptionId: name(0) as SubscriptionId, dimension: "gb_stored" });
      expect([book.recorded, book.balance.size]).toEqual([1_000_000n, 0]);
    },
  );

  test("and never reached AWS gives its units back when its window has shut", async () => {
    const { submit, pending, store, books } = await world([
      recordOf(0),
      recordOf(1, { entry: { ...recordOf(1).entry } }),
    ]);
    await submit(() => ({ kind: "barred", reason: "no role" }));
    const late = recordOf(1).deadlineAt;
    expect(await submit(takesAll, late)).toMatchObject({ returned: 2, expired: 0 });
    expect(await pending()).toEqual([]);
    const key = { subscriptionId: name(0) as SubscriptionId, dimension: "gb_stored" };
    const book = await books.load(key);
    expect([book.recorded, book.balance.get(used)?.get(untagged)]).toEqual([0n, 1_000_000n]);
    expect((await store.recordsOf(key, 5)).map(({ outcome }) => outcome.state)).toEqual(["returned"]);
    expect(await submit(takesAll, late)).toEqual(noneSubmitted);
  });
});

test("units that come back are no late usage, which a setting may write off", async () => {
  const { settings } = exampleConfiguration;
  const configuration = {
    ...exampleConfiguration,
    settings: { ...settings, lateUsage: "write-off" as const },
  };
  const { submit, books } = await world([recordOf(0)], configuration);
  await submit(() => ({ kind: "barred", reason: "no role" }));
  expect(await submit(takesAll, recordOf(0).deadlineAt)).toMatchObject({ returned: 1 });
  const { balance } = await books.load({ subscriptionId: name(0) as SubscriptionId, dimension: "gb_stored" });
  expect([...balance.keys()]).toEqual([hour("2026-08-20T15")]);
});

describe("a product that AWS takes nothing of", () => {
  const barred: CallAnswer = { kind: "barred", reason: "the role is lost" };

  test("is held with the reason, leaves others alone, and goes on by itself when AWS takes it again", async () => {
    const deadlineAt = laterBy(now, 20 * hourMs);
    const mail = recordOf(90, { productCode: mailerCode, deadlineAt });
    const { submit, calls, switches, pending } = await world([...many(60, { deadlineAt }), mail]);
    const first = await submit((records) =>
      records[0]?.productCode === mailerCode ? takesAll(records, 1) : barred,
    );
    expect(first).toMatchObject({ accepted: 1, waiting: ["the role is lost"] });
    expect(await switches.load(analyticsCode)).toMatchObject({
      held: { reason: "the role is lost", at: now },
    });
    expect(await switches.load(mailerCode)).toEqual({ productCode: mailerCode });
    const later = laterBy(now, 60_000);
    calls.length = 0;
    await submit(() => barred, later);
    expect(
      calls.map((call) => call.length),
      "one call with one record tries",
    ).toEqual([1]);
    expect(await switches.load(analyticsCode)).toMatchObject({ held: { at: now } });
    expect(await submit(takesAll, laterBy(later, 60_000))).toMatchObject({ accepted: 60 });
    expect((await switches.load(analyticsCode)).held).toBeUndefined();
    expect(await pending()).toEqual([]);
  });

  test("is let go on when nothing is pending that could show that AWS takes it again", async () => {
    const { submit, switches } = await world([]);
    await switches.hold(analyticsCode, "the role is lost", now);
    await submit(takesAll);
    expect((await switches.load(analyticsCode)).held).toBeUndefined();
  });
});

test("nothing of a paused product is sent, and what is too late gets its outcome all the same", async () => {
  const { submit, calls, switches, outcomes, store } = await world([recordOf(0), recordOf(9)]);
  await store.countAttempt(recordOf(0));
  await switches.pause(analyticsCode, "prices change", now);
  expect(await submit(takesAll, recordOf(0).deadlineAt)).toMatchObject({ accepted: 0, expired: 1 });
  expect(calls).toEqual([]);
  expect([...outcomes.keys()]).toEqual([name(0)]);
});

describe("a listing that AWS has opted in to licenses", () => {
  const byCode = {
    ...recordOf(0).entry,
    identity: { by: "product-code", productCode: mailerCode, customerIdentifier: "X01" },
  } as const;
  const leaving = {
    ...exampleConfiguration,
    products: exampleConfiguration.products.map((product) => ({
      ...product,
      metersByLicenseFrom: product.code === mailerCode ? hour("2026-08-20T15") : undefined,
    })),
  };
  const unsupported: CallAnswer = { kind: "barred", reason: "not supported", isOldIdentity: true };
  const old = recordOf(0, { productCode: mailerCode, entry: byCode, deadlineAt: laterBy(now, 20 * hourMs) });

  test("gives the units of records by product code back, to be metered by license, unless AWS may have them", async () => {
    const attempted = { ...old, subscriptionId: name(1) as SubscriptionId, attempts: 1 };
    const { submit, switches, books, store } = await world([old, attempted], leaving);
    expect(await submit(() => unsupported)).toMatchObject({ returned: 1, expired: 1 });
    const key = { subscriptionId: name(0) as SubscriptionId, dimension: "gb_stored" };
    expect((await books.load(key)).balance.get(used)?.get(untagged)).toBe(1_000_000n);
    expect((await store.recordsOf(key, 5)).map(({ outcome }) => outcome.state)).toEqual(["returned"]);
    expect((await switches.load(mailerCode)).held).toBeUndefined();
  });

  test("is held while nobody has said from which hour on it is metered by license", async () => {
    const { submit, switches } = await world([old]);
    expect(await submit(() => unsupported)).toMatchObject({ returned: 0, postponed: 1 });
    expect((await switches.load(mailerCode)).held?.reason).toBe("not supported");
  });
});

describe("records without units", () => {
  const zero = (index: number) =>
    recordOf(index, { entry: { ...recordOf(index).entry, quantity: 0n, allocations: [] } });

  test("fill the calls of others, and come behind them", async () => {
    const zeros = Array.from({ length: 30 }, (_, index) => zero(index));
    const real = Array.from({ length: 30 }, (_, index) => recordOf(100 + index));
    const { submit, calls } = await world([...zeros, ...real]);
    expect(await submit(takesAll)).toMatchObject({ accepted: 60, calls: 3 });
    expect(calls.map((call) => call.length)).toEqual([25, 25, 10]);
    expect(calls[0]).toEqual(real.slice(0, 25).map(({ subscriptionId }) => subscriptionId));
    expect(calls[1]?.slice(0, 5)).toEqual(real.slice(25).map(({ subscriptionId }) => subscriptionId));
  });

  test("expire without a word about units", async () => {
    const { submit, store } = await world([zero(0)]);
    expect(await submit(takesAll, zero(0).deadlineAt)).toMatchObject({ accepted: 0, expired: 1 });
    expect(await store.pendingZeros(analyticsCode, laterBy(now, 90_000_000), 5)).toEqual([]);
  });
});

test("what AWS refused once is refused at the deadline, whatever the last try came to", async () => {
  const { submit, outcomes, books } = await world([recordOf(0, { deadlineAt: laterBy(now, 2 * hourMs) })]);
  await submit(() => notSubscribed);
  await submit(() => ({ kind: "throttled" }), laterBy(now, hourMs));
  await submit(takesAll, laterBy(now, 2 * hourMs));
  expect(outcomes.get(name(0))?.state).toBe("not-subscribed");
  const book = await books.load({ subscriptionId: name(0) as SubscriptionId, dimension: "gb_stored" });
  expect(book.balance.size).toBe(0);
});

test("a held product is not let go on while its only record waits for its turn", async () => {
  const { submit, switches } = await world([recordOf(0, { deadlineAt: laterBy(now, 20 * hourMs) })]);
  await submit(() => notSubscribed);
  await switches.hold(analyticsCode, "the role is lost", now);
  await submit(takesAll, laterBy(now, 60_000));
  expect((await switches.load(analyticsCode)).held?.reason).toBe("the role is lost");
});

test("a record whose units cannot be given back holds up no other of its product", async () => {
  const { submit, store, books } = await world([recordOf(0), recordOf(9)]);
  const broken = { ...books, giveBack: () => Promise.reject(new Error("the item is too large")) };
  const report = await submit(takesAll, recordOf(0).deadlineAt, { records: store, books: broken });
  expect(report).toMatchObject({ accepted: 1, waiting: ["the item is too large"] });
});

test("records of a product that is not configured any more are told of, and get their outcome", async () => {
  const gone = "g0999examplegone000000000";
  const { submit, switches, store } = await world([recordOf(0, { productCode: gone })]);
  await switches.known([gone]);
  expect((await submit(takesAll)).waiting.join()).toMatch(/1 records of g0999examplegone.* put it back/);
  expect(await submit(takesAll, recordOf(0).deadlineAt)).toMatchObject({ returned: 1, waiting: [] });
  expect(await store.pending(gone, laterBy(now, 90_000_000), 5)).toEqual([]);
});

test("a held product of which the trial could not be made is sent nothing else in this run", async () => {
  const { submit, calls, store, switches } = await world(many(3));
  await switches.hold(analyticsCode, "the role is lost", now);
  let counted = 0;
  const countAttempt: RecordStore["countAttempt"] = (record) =>
    (counted += 1) === 1 ? Promise.reject(new Error("no table")) : store.countAttempt(record);
  await submit(takesAll, now, { records: { ...store, countAttempt } });
  expect(calls).toEqual([]);
  await submit(takesAll);
  expect(calls.map((call) => call.length)).toEqual([1, 2]);
});

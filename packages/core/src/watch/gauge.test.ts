import { describe, expect, test } from "vitest";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { at, exampleConfiguration, hour } from "../memory/example.ts";
import { zeroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import { gaugesOf } from "./gauge.ts";
import type { Sight } from "./sight.ts";

const now = at("2026-08-20T15:30:00Z");

type Risk = Sight["risk"];
const risk = (
  change: Partial<Risk> & { readonly nearestAt?: Instant; readonly records?: number } = {},
): Risk => {
  const { nearestAt, records = 0, ...rest } = change;
  const all = { units: zeroUnits, records, nearestAt };
  return { all, lateSince: undefined, lateBooks: 0, waitingSince: undefined, ...rest };
};
const quiet: Sight = {
  ...{ risk: risk(), unfolded: [], unfoldedCount: 0, endings: [], switches: [], unseen: [] },
};
const gauges = (sight: Partial<Sight>, settings = {}, when = now) =>
  gaugesOf({ ...quiet, ...sight }, { ...exampleConfiguration.settings, ...settings }, when);

test("where nothing waits every gauge has a number that says so", () => {
  expect(gauges({})).toEqual({
    ...{ oldestUsageHours: 0, nearestDeadlineMinutes: 1_440, recordsPending: 0, booksUnsealed: 0 },
    ...{ finalHoursUnfinished: 0, oldestUnattributedHours: 0, foldLagMinutes: 0, hourShardsUnfolded: 0 },
    ...{ productsPaused: 0, productsHeld: 0, isIncomplete: false },
  });
});

test("what waits is as old as its hour is over, and what fits nobody as it was found so", () => {
  const seen = gauges({
    risk: risk({
      ...{ lateSince: at("2026-08-20T13:00:00Z"), waitingSince: at("2026-08-20T15:21:00Z") },
      ...{ records: 3, lateBooks: 2 },
    }),
  });
  expect(seen).toMatchObject({ oldestUsageHours: 2.5, oldestUnattributedHours: 0.15 });
  expect(seen).toMatchObject({ recordsPending: 3, booksUnsealed: 2 });
});

test("usage of an hour that is sealed before it ends is not of a negative age", () => {
  expect(gauges({ risk: risk({ lateSince: at("2026-08-20T16:00:00Z") }) }).oldestUsageHours).toBe(0);
});

test.each([
  ["ahead", "2026-08-20T15:51:00Z", 21],
  ["past", "2026-08-20T15:00:00Z", 0],
  ["further off than a day", "2026-09-20T15:00:00Z", 1_440],
])("a deadline that is %s", (_, nearestAt, minutes) => {
  expect(gauges({ risk: risk({ nearestAt: at(nearestAt) }) }).nearestDeadlineMinutes).toBe(minutes);
});

test("usage that is stored and not counted is as old as what is counted and not sent", () => {
  const unfolded = [{ hour: hour("2026-08-20T12"), coveredUntil: undefined }];
  const lateSince = at("2026-08-20T14:00:00Z");
  expect(gauges({ unfolded, unfoldedCount: 1 }).oldestUsageHours).toBe(2.5);
  expect(gauges({ unfolded, unfoldedCount: 1, risk: risk({ lateSince }) }).oldestUsageHours).toBe(2.5);
});

describe("the fold's lag", () => {
  const place = (of: string, coveredUntil?: string) => ({
    hour: hour(of),
    coveredUntil: coveredUntil === undefined ? undefined : at(coveredUntil),
  });

  test("is that of the oldest hour that is not counted as far as it has settled", () => {
    const unfolded = [place("2026-08-20T14"), place("2026-08-20T13", "2026-08-20T14:05:00Z")];
    expect(gauges({ unfolded, unfoldedCount: 5 })).toMatchObject({
      foldLagMinutes: 90,
      hourShardsUnfolded: 5,
    });
  });

  test("is none of usage that came late for an hour that is counted", () => {
    expect(gauges({ unfolded: [place("2026-08-20T13", "2026-08-20T14:10:00Z")] }).foldLagMinutes).toBe(0);
  });

  test("does not count the time for which a month's last hour is left open", () => {
    const when = at("2026-09-01T03:05:00Z");
    expect(gauges({ unfolded: [place("2026-08-31T23")] }, {}, when).foldLagMinutes).toBe(15);
  });
});

describe("a final hour is unfinished", () => {
  const ending = (cutAt: string, isDone = false) => ({
    ...{ subscriptionId: "l-1" as SubscriptionId, cutAt: at(cutAt), isDone },
  });

  test.each([
    ["29 minutes after its end: not yet", "2026-08-20T15:01:00Z", false, 0],
    ["30 minutes after it", "2026-08-20T15:00:00Z", false, 1],
    ["done", "2026-08-20T14:40:00Z", true, 0],
  ])("%s", (_, cutAt, isDone, count) => {
    expect(gauges({ endings: [ending(cutAt, isDone)] }).finalHoursUnfinished).toBe(count);
  });

  test("later where usage is given longer to arrive", () => {
    const endings = [ending("2026-08-20T14:50:00Z")];
    expect(gauges({ endings }, { finalSettleMinutes: 35 }).finalHoursUnfinished).toBe(0);
    expect(gauges({ endings }, { finalSettleMinutes: 30 }).finalHoursUnfinished).toBe(1);
  });
});

test("products that are paused and held are counted apart", () => {
  const off = { reason: "prices change", at: now };
  const switches = [
    { productCode: "a", title: "A", paused: off },
    { productCode: "b", title: "B", paused: off, held: off },
    { productCode: "c", title: "C" },
  ];
  expect(gauges({ switches })).toMatchObject({ productsPaused: 2, productsHeld: 1 });
});

test("what was not looked at makes the numbers incomplete", () => {
  expect(gauges({ unseen: ["time ran out"] }).isIncomplete).toBe(true);
});

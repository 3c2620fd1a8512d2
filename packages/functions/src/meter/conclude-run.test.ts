import type { Measured } from "@tollhouse/aws/metric/measure";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { type UnbillableReason, unbillableReasons } from "@tollhouse/core/metering/book";
import { noneSubmitted, type Submitted } from "@tollhouse/core/metering/outcome";
import type { MeterReport } from "@tollhouse/core/metering/run";
import { nothingLooked } from "@tollhouse/core/metering/waiting";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import { expect, test } from "vitest";
import { concludeRun } from "./conclude-run.ts";

async function conclude(
  submitted: Partial<Submitted>,
  change: Partial<MeterReport> = {},
  { wakeFails = false, isScheduled = false } = {},
) {
  const told: { readonly level: string; readonly about: string }[] = [];
  const at =
    (level: string) =>
    (...said: unknown[]) =>
      void told.push({ level, about: JSON.stringify(said) });
  const measured: Measured[] = [];
  let wakes = 0;
  const wake = () => {
    wakes += 1;
    return wakeFails ? Promise.reject(new Error("no queue")) : Promise.resolve();
  };
  const report: MeterReport = {
    ...{ requestedFolds: 0, sealedRecords: 2, zeroRecords: 0, rehearsedRecords: 0 },
    ...{
      submitted: { ...noneSubmitted, ...submitted },
      looked: nothingLooked,
      skipped: [],
      writtenOff: [],
      problems: [],
      isToComeAgain: false,
      isComplete: true,
    },
    ...change,
  };
  const logger = { info: at("info"), warn: at("warn"), error: at("error") };
  const measure = (each: Measured) => void measured.push(each);
  await concludeRun({ logger, measure, waker: { wake } }, report, isScheduled);
  return { told, measured, levels: told.map(({ level }) => level), wakes };
}

test("a run in which all went well tells its counts, and wakes nobody", async () => {
  const { told, levels, wakes } = await conclude({ accepted: 3, postponed: 1, returned: 1 });
  expect(levels).toEqual(["info"]);
  expect(told[0]?.about).toContain('"accepted":3');
  expect(wakes).toBe(0);
});

test.each<Partial<Submitted>>([{ conflicts: 1 }, { refused: 1 }, { expired: 1 }])(
  "money that is lost or in dispute is an error: %o",
  async (submitted) => {
    expect((await conclude(submitted)).levels).toEqual(["error", "info"]);
  },
);

test("usage that nobody is billed for is an error", async () => {
  const looked = { ...nothingLooked, unbillableEvents: 4 };
  expect((await conclude({}, { looked })).levels).toEqual(["error", "info"]);
});

test("units that are written off are an error each, unless that is how it goes", async () => {
  const key = { subscriptionId: "code/X01BUYER" as SubscriptionId, dimension: "emails" };
  const off = (reason: UnbillableReason) => ({ key, reason, units: microUnits(2_500_000n) });
  const lost = await conclude(
    {},
    { writtenOff: [off("fraction"), off("no-hour-left"), off("before-start")] },
  );
  expect(lost.levels).toEqual(["error", "info"]);
  for (const part of ["emails", "2.5", unbillableReasons["no-hour-left"]])
    expect(lost.told[0]?.about).toContain(part);
  expect(JSON.stringify(lost.told)).not.toContain("X01BUYER");
});

test("what waits is a warning, with its reason", async () => {
  const { told, levels } = await conclude(
    { waiting: ["AWS throttles our calls"] },
    { problems: ["no table"] },
  );
  expect(levels).toEqual(["warn", "warn", "info"]);
  expect(told[1]?.about).toContain("AWS throttles our calls");
});

test("a book that is not sealed is named without AWS's identifier of the buyer", async () => {
  const key = { subscriptionId: "code/X01BUYER" as SubscriptionId, dimension: "emails" };
  const { told } = await conclude({}, { skipped: [{ key, reason: "held" }] });
  expect(told[0]).toMatchObject({ level: "warn", about: expect.stringContaining("emails") as string });
  expect(JSON.stringify(told)).not.toContain("X01BUYER");
});

test("a run that did not do all for the subscriptions that were named fails when all is told, so that they are named again", async () => {
  await expect(conclude({}, { isToComeAgain: true })).rejects.toThrow("named again");
});

test("a run that time cut short asks for the next one", async () => {
  expect((await conclude({ isMore: true })).wakes).toBe(1);
});

test("a run whose own wake fails has done its work all the same", async () => {
  expect((await conclude({ isMore: true }, {}, { wakeFails: true })).levels).toEqual(["info"]);
});

test("a run is measured by its report, also by its zeros, and counts as the schedule's only if it was", async () => {
  const key = { subscriptionId: "code/X01BUYER" as SubscriptionId, dimension: "emails" };
  const off = (reason: UnbillableReason) => ({ key, reason, units: microUnits(2_500_000n) });
  const report = {
    ...{ sealedRecords: 5, zeroRecords: 2, writtenOff: [off("fraction"), off("late"), off("no-hour-left")] },
    looked: { ...nothingLooked, countedEvents: 7, unbillableEvents: 1 },
  };
  const outcomes = { accepted: 3, conflicts: 1, refused: 2, expired: 4, calls: 6, throttled: 1 };
  const wanted = {
    ...{ RecordsSealed: 7, RecordsAccepted: 3, RecordsConflicting: 1, RecordsRefused: 2, RecordsExpired: 4 },
    ...{ WriteOffs: 2, EventsCounted: 7, EventsGivenUp: 1, MeteringCalls: 6, MeteringCallsThrottled: 1 },
  };
  expect((await conclude(outcomes, report)).measured).toEqual([wanted]);
  const scheduled = await conclude({}, {}, { isScheduled: true });
  expect(scheduled.measured).toMatchObject([{ RunsCompleted: 1, WriteOffs: 0, RecordsConflicting: 0 }]);
  const [stopped] = (await conclude({}, { isComplete: false }, { isScheduled: true })).measured;
  expect(stopped, "a run that kept no books").not.toHaveProperty("RunsCompleted");
});

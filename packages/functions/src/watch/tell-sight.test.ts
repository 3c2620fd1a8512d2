import { type MetricName, metrics } from "@tollhouse/aws/metric/metric";
import type { Measured } from "@tollhouse/aws/metric/measure";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { zeroUnits } from "@tollhouse/core/quantity/micro-units";
import type { Sight } from "@tollhouse/core/watch/sight";
import { expect, test } from "vitest";
import { tellSight } from "./tell-sight.ts";

const now = at("2026-08-20T15:30:00Z");
const quiet: Sight = {
  risk: {
    all: { units: zeroUnits, records: 0, nearestAt: undefined },
    ...{ lateSince: undefined, lateBooks: 0, waitingSince: undefined },
  },
  ...{ unfolded: [], unfoldedCount: 0, endings: [], switches: [], unseen: [] },
};

function tell(change: Partial<Sight>) {
  const told: { readonly level: string; readonly about: string }[] = [];
  const at =
    (level: string) =>
    (...said: unknown[]) =>
      void told.push({ level, about: JSON.stringify(said) });
  const measured: Measured[] = [];
  const ports = {
    logger: { info: at("info"), warn: at("warn") },
    measure: (each: Measured) => void measured.push(each),
  };
  tellSight(ports, exampleConfiguration.settings, { ...quiet, ...change }, now);
  return { told, measured, levels: told.map(({ level }) => level) };
}

test("where all is well, every gauge of the table is measured all the same", () => {
  const { measured, levels } = tell({});
  const ours = (Object.keys(metrics) as MetricName[]).filter((name) =>
    metrics[name].of.some((one) => one === "watch"),
  );
  expect(Object.keys(measured[0] ?? {}).toSorted()).toEqual(ours.toSorted());
  expect(measured).toMatchObject([{ RunsCompleted: 1, WatchIncomplete: 0, NearestDeadlineMinutes: 1_440 }]);
  expect(levels).toEqual(["info"]);
});

test("a product that is held up is named, with the reason and since when", () => {
  const off = { reason: "the role does not exist", at: at("2026-08-20T12:00:00Z") };
  const { told, measured } = tell({ switches: [{ productCode: "c-1", title: "Analytics", held: off }] });
  expect(told[0]).toMatchObject({ level: "warn" });
  for (const part of ["Analytics", "the role does not exist", "2026-08-20T12:00:00"])
    expect(told[0]?.about).toContain(part);
  expect(measured).toMatchObject([{ ProductsHeld: 1, ProductsPaused: 0 }]);
});

test("an unfinished final hour is named without AWS's identifier of the buyer", () => {
  const ending = { subscriptionId: "code/X01BUYER" as SubscriptionId, isDone: false };
  const { told, measured } = tell({ endings: [{ ...ending, cutAt: at("2026-08-20T14:45:00Z") }] });
  expect(told[0]?.about).toContain("code/#");
  expect(JSON.stringify(told)).not.toContain("X01BUYER");
  expect(measured).toMatchObject([{ FinalHoursUnfinished: 1 }]);
});

test("what was not looked at is told, and the numbers say that they are incomplete", () => {
  const { told, measured } = tell({ unseen: ["time ran out"] });
  expect(told[0]?.about).toContain("time ran out");
  expect(measured).toMatchObject([{ WatchIncomplete: 1 }]);
});

import type { Measured } from "@tollhouse/aws/metric/measure";
import { checkLedger } from "@tollhouse/core/ledger/check-ledger";
import { at } from "@tollhouse/core/memory/example";
import type { Inspection } from "@tollhouse/core/watch/inspect";
import { expect, test } from "vitest";
import { tellInspection } from "./tell-inspection.ts";

const nothing = {
  items: async function* () {
    yield* await Promise.resolve([]);
  },
  openPlan: () => Promise.resolve(undefined),
  booked: () => Promise.resolve(new Set<number>()),
};
const report = await checkLedger(nothing, at("2026-08-20T15:30:00Z"));
const tables = { LIFECYCLE_TABLE: "lifecycle-1", METERING_TABLE: "metering-1" };

function tell(inspection: Inspection) {
  const told: { readonly level: string; readonly about: string }[] = [];
  const at =
    (level: string) =>
    (...said: unknown[]) =>
      void told.push({ level, about: JSON.stringify(said) });
  const measured: Measured[] = [];
  tellInspection(
    { logger: { info: at("info"), error: at("error") }, measure: (each) => void measured.push(each) },
    inspection,
    tables,
  );
  return { told, measured, levels: told.map(({ level }) => level) };
}

test("books that balance are measured as such: a missing number would say nothing", () => {
  const { measured, levels } = tell({
    ...{ kind: "completed", looks: 1, lasting: [], sameEachLook: true },
    report: { ...report, conflictCount: 2 },
  });
  expect(measured).toEqual([
    { LedgerDifferences: 0, RecordsInConflict: 2, InspectionCutShort: 0, RunsCompleted: 1 },
  ]);
  expect(levels).toEqual(["info"]);
});

test("each lasting difference is an error, without AWS's identifier of a buyer; what passed is none", () => {
  const lasting = [
    "record of code/X01BUYER, emails: there is no book for it",
    "code/X01BUYER, emails: 3 units counted",
    "2026-08-20T14 shard 2: 1 of 3 folded segments are gone",
  ];
  const { told, measured, levels } = tell({
    ...{ kind: "completed", looks: 3, lasting, sameEachLook: false },
    report: { ...report, differences: [...lasting, "all books: 1 units more were accepted than are found"] },
  });
  expect(levels).toEqual(["error", "error", "error", "info"]);
  expect(measured).toMatchObject([{ LedgerDifferences: 3 }]);
  expect(told[0]?.about).toMatch(/record of code\/#[0-9a-f]{12}, emails/);
  expect(told[2]?.about).toContain("2026-08-20T14 shard 2: 1 of 3");
  expect(JSON.stringify(told)).not.toContain("X01BUYER");
});

test("one that was cut short says so, with the command that goes on, and measures nothing else", () => {
  const { told, measured, levels } = tell({ kind: "cut-short", looked: report.looked });
  expect(measured).toEqual([{ InspectionCutShort: 1 }]);
  expect(levels).toEqual(["error"]);
  expect(told[0]?.about).toContain(
    "npx tollhouse ledger check --table lifecycle-1 --metering-table metering-1",
  );
});

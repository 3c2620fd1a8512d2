import type { LedgerReport } from "./check-ledger.ts";

/** Others write while everything is read, and what is read at two moments may differ by that. */
const maxLooks = 3;

export interface CheckedAgain {
  /** Of the last look. */
  readonly report: LedgerReport;
  readonly looks: number;
  /** What every look found in the same words, and so is real. */
  readonly lasting: readonly string[];
  /** Whether no look found anything else than the others. */
  readonly sameEachLook: boolean;
}

/** Looks at the whole ledger, and again while there are differences, three times in all. */
export async function checkAgain(
  look: () => Promise<LedgerReport>,
  beforeLook: (look: number, of: number) => Promise<void>,
): Promise<CheckedAgain> {
  let report = await look();
  const found = [report.differences];
  while (report.differences.length > 0 && found.length < maxLooks) {
    await beforeLook(found.length + 1, maxLooks);
    report = await look();
    found.push(report.differences);
  }
  return {
    ...{ report, looks: found.length },
    lasting: report.differences.filter((one) => found.every((differences) => differences.includes(one))),
    sameEachLook: new Set(found.map((differences) => JSON.stringify(differences))).size === 1,
  };
}

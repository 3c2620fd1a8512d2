import type { UsageRecord } from "./usage-record.ts";

/** AWS takes at most 25 records and less than 1 MB a call (BatchMeterUsage reference). */
const recordsPerCall = 25;
const bytesPerCall = 900_000;

/**
 * Splits records into calls, keeping their order within a call's kind: one Region (AWS recognises repeats only within it),
 * one identity mode, and for the old mode one product code, at most 25 records and 900 kB.
 */
export function callsFor(records: readonly UsageRecord[]): readonly (readonly UsageRecord[])[] {
  return [...Map.groupBy(records, callKind).values()].flatMap(slice);
}

const callKind = ({ productCode, entry: { region, identity } }: UsageRecord): string =>
  JSON.stringify([region, identity.by, identity.by === "product-code" ? identity.productCode : productCode]);

function slice(records: readonly UsageRecord[]): (readonly UsageRecord[])[] {
  const calls: UsageRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const call = calls.at(-1);
    const size = entryBytes(record);
    if (call === undefined || call.length === recordsPerCall || bytes + size > bytesPerCall) {
      calls.push([record]);
      bytes = size;
    } else {
      call.push(record);
      bytes += size;
    }
  }
  return calls;
}

/** An upper bound of what an entry takes as JSON: its identifiers, and each allocation with its tags' keywords. */
const entryBytes = ({ entry }: UsageRecord): number =>
  entry.allocations.reduce((sum, { tagSet }) => sum + 2 * Buffer.byteLength(tagSet) + 200, 4_000);

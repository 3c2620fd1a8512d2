import type { Instant } from "../time/instant.ts";
import type { UsageRecord } from "./usage-record.ts";

/** AWS takes at most 25 records and less than 1 MB a call (BatchMeterUsage reference). */
const recordsPerCall = 25;
const bytesPerCall = 900_000;

/** Records that one call carries. */
export interface Call {
  readonly records: readonly UsageRecord[];
  /** The nearest deadline of a record with units; far away for a call without any. */
  readonly deadlineAt: Instant;
}

/**
 * Splits records into calls, keeping their order within a call's kind: one Region (AWS recognises repeats only within it),
 * one identity mode, and one product, at most 25 records and 900 kB.
 */
export function callsFor(records: readonly UsageRecord[]): readonly Call[] {
  return [...Map.groupBy(records, callKind).values()].flatMap(slice).map(asCall);
}

/** Puts records without units where calls of their kind have room, and the rest into calls of their own, behind all others. */
export function fillWithZeros(calls: readonly Call[], zeros: readonly UsageRecord[]): readonly Call[] {
  const left = Map.groupBy(zeros, callKind);
  const filled = calls.map(({ records, deadlineAt }) => {
    const [first] = records;
    const waiting = first === undefined ? undefined : left.get(callKind(first));
    const size = records.reduce((sum, record) => sum + entryBytes(record), 0);
    const room = Math.min(recordsPerCall - records.length, Math.floor((bytesPerCall - size) / zeroBytes));
    return { records: [...records, ...(waiting?.splice(0, Math.max(room, 0)) ?? [])], deadlineAt };
  });
  return [...filled, ...callsFor([...left.values()].flat())];
}

const asCall = (records: readonly UsageRecord[]): Call => ({
  records,
  deadlineAt: Math.min(
    Number.MAX_SAFE_INTEGER,
    ...records.filter(({ entry }) => entry.quantity > 0n).map(({ deadlineAt }) => deadlineAt),
  ) as Instant,
});

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
const zeroBytes = 4_000;
const entryBytes = ({ entry }: UsageRecord): number =>
  entry.allocations.reduce((sum, { tagSet }) => sum + 2 * Buffer.byteLength(tagSet) + 200, zeroBytes);

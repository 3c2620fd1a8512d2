import type { Configuration } from "../configuration/configuration.ts";
import type { BookKey, UnbillableReason } from "../metering/book.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { add, type MicroUnits, subtract, zeroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import { type AheadPorts, lookAhead, sealableNow } from "./look-ahead.ts";

/** What sealing would do now if nothing held it up. */
export interface Rehearsal {
  /** The last hour in which the books are complete. */
  readonly through: UtcHour;
  /** Oldest hour first, as many as were asked for. */
  readonly records: readonly UsageRecord[];
  readonly moreRecords: number;
  readonly byDimension: readonly DimensionSum[];
  readonly writtenOff: ReadonlyMap<UnbillableReason, MicroUnits>;
  /** Books whose units would stay, and why; as many as were asked for. */
  readonly stays: readonly {
    readonly key: BookKey;
    readonly reasons: readonly string[];
  }[];
  readonly moreStays: number;
}

interface DimensionSum {
  readonly productCode: string;
  readonly dimension: string;
  readonly records: number;
  readonly units: bigint;
}

/** Works out what a run would seal of products, be they in a dry run, paused or held. Writes nothing. */
export async function rehearse(
  ports: AheadPorts,
  configuration: Configuration,
  {
    now,
    product,
    limit,
    onProgress = () => undefined,
  }: {
    readonly now: Instant;
    readonly product?: string | undefined;
    readonly limit: number;
    readonly onProgress?: (books: number) => void;
  },
): Promise<Rehearsal> {
  const live: Configuration = {
    ...configuration,
    products: configuration.products.map((one) => ({ ...one, metering: "live" })),
  };
  const switches = { load: (productCode: string) => Promise.resolve({ productCode }) };
  const sealable = await sealableNow(ports, configuration, now);
  let records: UsageRecord[] = [];
  const [sums, writtenOff] = [new Map<string, DimensionSum>(), new Map<UnbillableReason, MicroUnits>()];
  const stays: Rehearsal["stays"][number][] = [];
  let [count, books, staying] = [0, 0, 0];
  for await (const ahead of lookAhead({ ...ports, switches }, live, sealable)) {
    books += 1;
    if (books % 100 === 0) onProgress(books);
    if (product !== undefined && ahead.subscription?.productCode !== product) continue;
    for (const record of ahead.records) {
      count += 1;
      records.push(record);
      addTo(sums, record);
    }
    if (records.length > 2 * limit + 100) records = oldest(records, limit);
    for (const [reason, units] of ahead.after.unbillable) {
      const more = subtract(units, ahead.before.unbillable.get(reason) ?? zeroUnits);
      if (more !== zeroUnits) writtenOff.set(reason, add(writtenOff.get(reason) ?? zeroUnits, more));
    }
    if (ahead.reasons.length === 0) continue;
    staying += 1;
    if (stays.length < limit) stays.push({ key: ahead.key, reasons: ahead.reasons });
  }
  const first = oldest(records, limit);
  return {
    ...{ through: sealable.through, records: first, moreRecords: count - first.length },
    ...{ byDimension: [...sums.values()], writtenOff, stays, moreStays: staying - stays.length },
  };
}

const oldest = (records: readonly UsageRecord[], limit: number): UsageRecord[] =>
  records.toSorted((a, b) => a.hour - b.hour).slice(0, limit);

function addTo(sums: Map<string, DimensionSum>, { productCode, dimension, entry }: UsageRecord): void {
  const name = JSON.stringify([productCode, dimension]);
  const known = sums.get(name) ?? { productCode, dimension, records: 0, units: 0n };
  sums.set(name, { ...known, records: known.records + 1, units: known.units + entry.quantity });
}

import type { Product } from "@tollhouse/core/configuration/configuration";
import type { RiskSum, StillByProductCode } from "@tollhouse/core/ledger/at-risk";
import { obstacleOf } from "@tollhouse/core/metering/seal-hours";
import type { ProductSwitch } from "@tollhouse/core/metering/store";
import { floorUnits, formatQuantity, zeroUnits } from "@tollhouse/core/quantity/micro-units";
import type { Instant } from "@tollhouse/core/time/instant";
import { formatHour, hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { absolute } from "../output/time.ts";

interface Held {
  readonly reason: string;
  readonly at: Instant;
}

/** One product's metering. Amounts are exact decimals. */
export interface ProductState {
  readonly productCode: string;
  readonly title: string;
  readonly state: "live" | "dry-run" | "paused" | "held" | "rehearsed";
  readonly paused?: Held;
  readonly held?: Held;
  /** UTC hours. */
  readonly rehearsedThrough?: string;
  readonly startsAtHour?: string;
  /** Not accepted yet: in pending records, and in balances. */
  readonly waits: { readonly units: string; readonly records: number; readonly nearestAt?: Instant };
  /** Of a listing in migration. */
  readonly migration?: {
    readonly metersByLicenseFrom: string;
    /** Under the product code, without an outcome. */
    readonly records: number;
    /** Whole units of hours before that are in no record. */
    readonly units: string;
    /** AWS may opt the listing in. */
    readonly isDone: boolean;
  };
  /** All of it in sentences. */
  readonly sentences: readonly string[];
}

interface Found {
  readonly switched: ProductSwitch;
  readonly sum: RiskSum | undefined;
  readonly byProductCode: StillByProductCode | undefined;
  /** The last hour in which the books are complete. */
  readonly through: UtcHour | undefined;
}

export function stateOf(product: Product, found: Found): ProductState {
  const { switched, sum } = found;
  const { paused, held, rehearsedThrough } = switched;
  const obstacle = obstacleOf(product, switched);
  const migration = migrationOf(product, found);
  return {
    ...{ productCode: product.code, title: product.title, state: stateName(product, switched, obstacle) },
    ...(paused && { paused }),
    ...(held && { held }),
    ...(rehearsedThrough !== undefined && { rehearsedThrough: formatHour(rehearsedThrough) }),
    ...(product.startAt !== undefined && { startsAtHour: formatHour(product.startAt) }),
    waits: {
      ...{ units: formatQuantity(sum?.units ?? zeroUnits), records: sum?.records ?? 0 },
      ...(sum?.nearestAt !== undefined && { nearestAt: sum.nearestAt }),
    },
    ...(migration && { migration }),
    sentences: [
      ...sentencesOf(product, switched, obstacle),
      costSentence(product, sum),
      ...migrationSentence(migration),
    ],
  };
}

function stateName(
  { metering }: Product,
  { paused, held }: ProductSwitch,
  obstacle: string | undefined,
): ProductState["state"] {
  if (paused !== undefined) return "paused";
  if (metering === "dry-run") return "dry-run";
  if (held !== undefined) return "held";
  return obstacle === undefined ? "live" : "rehearsed";
}

function sentencesOf(
  { metering, startAt }: Product,
  { paused, held, rehearsedThrough }: ProductSwitch,
  obstacle: string | undefined,
): readonly string[] {
  const from = startAt === undefined ? "" : ` from ${formatHour(startAt)} on`;
  const rehearsed =
    rehearsedThrough === undefined ? "" : `, rehearsed through ${formatHour(rehearsedThrough)}`;
  return [
    ...(paused === undefined ? [] : [`Paused since ${absolute(paused.at)}: ${paused.reason}.`]),
    ...(held === undefined
      ? []
      : [
          `AWS takes nothing of it since ${absolute(held.at)}: ${held.reason}. One call tries again with each run.`,
        ]),
    ...(metering === "dry-run"
      ? [`In a dry run${from}${rehearsed}: everything is counted, and nothing is sealed or sent.`]
      : []),
    ...(paused === undefined && held === undefined && obstacle !== undefined ? [`${obstacle}.`] : []),
    ...(obstacle === undefined && metering === "live" && paused === undefined
      ? [`Metered${from === "" ? "" : from}.`]
      : []),
  ];
}

/** What it costs when nothing changes. */
function costSentence({ metering }: Product, sum: RiskSum | undefined): string {
  if (metering === "dry-run") return "`tollhouse ledger rehearsal` shows what would be sealed.";
  if (sum === undefined || sum.units === 0n) return "Nothing waits to be accepted.";
  const { units, records, nearestAt } = sum;
  const what = `${formatQuantity(units)} units wait to be accepted, ${records === 0 ? "none of them in a record yet" : `with ${records} pending ${records === 1 ? "record" : "records"}`}`;
  return nearestAt === undefined
    ? `${what}; while their grants go on, none of them is lost.`
    : `${what}; the first is lost at ${absolute(nearestAt)}.`;
}

function migrationOf(
  { metersByLicenseFrom }: Product,
  { byProductCode, through }: Found,
): ProductState["migration"] {
  if (metersByLicenseFrom === undefined) return undefined;
  const [records, units] = [byProductCode?.records ?? 0, floorUnits(byProductCode?.units ?? zeroUnits)];
  const isComplete = through !== undefined && through >= hoursLater(metersByLicenseFrom, -1);
  return {
    metersByLicenseFrom: formatHour(metersByLicenseFrom),
    ...{ records, units: (units < 0n ? 0n : units).toString() },
    isDone: isComplete && records === 0 && units <= 0n,
  };
}

function migrationSentence(migration: ProductState["migration"]): readonly string[] {
  if (migration === undefined) return [];
  const { metersByLicenseFrom, records, units, isDone } = migration;
  const what = `${records} ${records === 1 ? "record under the product code has" : "records under the product code have"} no outcome yet${units === "0" ? "" : `, and ${units} units of hours before are in no record`}`;
  return [
    isDone
      ? `Metered by license from ${metersByLicenseFrom} on; ${what}: AWS may opt the listing in.`
      : `Metered by license from ${metersByLicenseFrom} on; ${what}. AWS may opt the listing in when there are none and the hours before are sealed.`,
  ];
}

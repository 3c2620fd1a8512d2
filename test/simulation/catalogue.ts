import type { Configuration, Product, Settings } from "@tollhouse/core/configuration/configuration";
import { analyticsCode, archiveCode, exampleConfiguration, mailerCode } from "@tollhouse/core/memory/example";
import type { UtcHour } from "@tollhouse/core/time/utc-hour";
import { hourMs, hourOf } from "./calendar.ts";
import type { Random } from "./random.ts";

/** A dimension that the configuration meters and AWS does not know, until somebody mends the listing. */
export const misspelt = "emials_sent";
/** The entitled dimension that covers usage of another one. */
export const includedDimension = "gb_included";
export const coveredDimension = "gb_stored";

/** What a seed decides about the products and how they are metered. */
export interface Catalogue {
  readonly settings: Partial<Settings>;
  /** The hour from which EventBridge tells of the listing in migration, and that from which it is metered by license. */
  readonly migratesFrom: number;
  readonly byLicenseFrom: number;
  /** From then on AWS takes nothing of that listing by product code. */
  readonly optsInAt: number;
  startAt: Readonly<Record<string, number>>;
  dryRun: ReadonlySet<string>;
  dimensionsOf(productCode: string): readonly [string, ...string[]];
}

export const productCodes = [mailerCode, analyticsCode, archiveCode] as const;

export function drawCatalogue(random: Random, startsAt: number, isCalm: boolean): Catalogue {
  const first = hourOf(startsAt);
  const migratesFrom = first + random.between(-10, 6);
  const byLicenseFrom = migratesFrom + random.between(0, 6);
  const optsInHours = isCalm ? 26 : random.pick([0, 1, 3, 26]);
  const isMisspelt = random.chance(0.3);
  const dimensions: Readonly<Record<string, readonly [string, ...string[]]>> = {
    [analyticsCode]: ["events_ingested", coveredDimension],
    [archiveCode]: ["gb_archived"],
  };
  return {
    settings: drawSettings(random, isCalm),
    migratesFrom,
    byLicenseFrom,
    optsInAt: (byLicenseFrom + optsInHours) * hourMs,
    startAt: random.chance(0.3) ? { [random.pick(productCodes)]: first + random.between(-8, 5) } : {},
    dryRun: new Set(random.chance(0.2) ? [random.pick(productCodes)] : []),
    dimensionsOf: (code) => dimensions[code] ?? (isMisspelt ? ["emails_sent", misspelt] : ["emails_sent"]),
  };
}

const drawSettings = (random: Random, isCalm: boolean): Partial<Settings> => ({
  settleDelayMinutes: random.pick(isCalm ? [10, 10, 45, 120] : [10, 10, 10, 1, 45, 120, 240]),
  monthEndSettleHour: random.pick([3, 3, 1, 5]),
  finalSettleMinutes: random.pick(isCalm ? [15, 15, 35] : [15, 15, 5, 35]),
  lateUsage: random.pick(["carry-forward", "carry-forward", "carry-forward", "write-off"]),
  zeroRecords: random.chance(0.25),
});

/** The configuration as it is deployed with these decisions. */
export function configured(catalogue: Catalogue, shards: Settings["shards"]): Configuration {
  const { settings, products } = exampleConfiguration;
  return {
    ...exampleConfiguration,
    products: products.map((product) => deployed(product, catalogue)),
    settings: { ...settings, ...catalogue.settings, shards },
  };
}

function deployed(product: Product, catalogue: Catalogue): Product {
  const { code } = product;
  const startAt = catalogue.startAt[code];
  const metered = catalogue.dimensionsOf(code).map((key) => ({
    key,
    kind: "metered" as const,
    ...(key === coveredDimension ? { includedIn: includedDimension } : {}),
  }));
  const entitled = code === analyticsCode ? [{ key: includedDimension, kind: "entitled" as const }] : [];
  return {
    ...product,
    dimensions: [...entitled, ...metered],
    metering: catalogue.dryRun.has(code) ? "dry-run" : "live",
    ...(startAt === undefined ? {} : { startAt: startAt as UtcHour }),
    ...(code !== archiveCode
      ? {}
      : {
          migratesFromHour: catalogue.migratesFrom as UtcHour,
          metersByLicenseFrom: catalogue.byLicenseFrom as UtcHour,
        }),
  };
}

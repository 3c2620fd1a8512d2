import { findProduct } from "@tollhouse/core/configuration/product";
import { unitsAtRisk, type RiskReport, type RiskSum } from "@tollhouse/core/ledger/at-risk";
import { type Conflicts, findConflicts } from "@tollhouse/core/ledger/conflicts";
import type { LifecycleDirectory } from "@tollhouse/core/lifecycle/store";
import { formatQuantity } from "@tollhouse/core/quantity/micro-units";
import { hourMs, laterBy } from "@tollhouse/core/time/instant";
import type { Answer } from "../answer.ts";
import { assertProduct } from "../metering/product.ts";
import type { MeteringSource } from "../source.ts";
import { type AtRisk, atRiskText, type SumShown } from "./at-risk-text.ts";

export type RiskReads = Pick<
  MeteringSource,
  | ("store" | "books" | "records" | "waiting" | "usageLog" | "folds" | "history")
  | ("switches" | "progress" | "clock" | "configuration")
> & { readonly directory: Pick<LifecycleDirectory, "subscriptions"> };

interface Asked {
  readonly product?: string | undefined;
  readonly withinHours: number;
  readonly limit: number;
  readonly withConflicts: boolean;
  readonly onProgress?: (done: number) => void;
}

/** @throws CommandError for a product that there is not */
export async function listAtRisk(
  source: RiskReads,
  { product, withinHours, limit, withConflicts, onProgress = () => undefined }: Asked,
): Promise<Answer<AtRisk>> {
  assertProduct(source.configuration, product);
  const now = await source.clock.now();
  const asked = { now, product, limit, onProgress };
  const ports = { ...source, subscriptions: source.store };
  const report = await unitsAtRisk(ports, source.configuration, {
    ...asked,
    soonUntil: laterBy(now, withinHours * hourMs),
  });
  const conflicts = withConflicts ? await findConflicts(ports, source.configuration, asked) : undefined;
  const data = shown(report, conflicts, withinHours, {
    dryRuns: source.configuration.products
      .filter(({ code, metering }) => metering === "dry-run" && (product === undefined || product === code))
      .map(({ code }) => code),
    titleOf: (code) => findProduct(source.configuration, code)?.title,
  });
  return { data, isWrong: report.soon > 0, text: (held, view) => atRiskText(held, limit, view) };
}

function shown(
  { risks, more, all, byProduct, byReason, soon, isMore }: RiskReport,
  conflicts: Conflicts | undefined,
  withinHours: number,
  {
    dryRuns,
    titleOf,
  }: { readonly dryRuns: readonly string[]; readonly titleOf: (code: string) => string | undefined },
): AtRisk {
  return {
    ...{ withinHours, soon, dryRuns, isMore, more },
    all: shownSum(all),
    byProduct: [...byProduct].map(([productCode, sum]) => ({
      productCode,
      title: titleOf(productCode) ?? productCode,
      ...shownSum(sum),
    })),
    byReason: [...byReason].map(([reason, sum]) => ({ reason, ...shownSum(sum) })),
    risks: risks.map(({ kind, name, units, reason, productCode, deadlineAt, attempts, retryAt }) => ({
      ...{ kind, name, units: formatQuantity(units), reason },
      ...(productCode !== undefined && { productCode }),
      ...(deadlineAt !== undefined && { deadlineAt }),
      ...(attempts !== undefined && { attempts }),
      ...(retryAt !== undefined && { retryAt }),
    })),
    ...(conflicts !== undefined && {
      conflicts: {
        count: conflicts.count,
        units: conflicts.units.toString(),
        latest: conflicts.conflicts.map((one) => ({ ...one, units: one.units.toString() })),
      },
    }),
  };
}

const shownSum = ({ units, records, nearestAt }: RiskSum): SumShown => ({
  units: formatQuantity(units),
  records,
  ...(nearestAt !== undefined && { nearestAt }),
});

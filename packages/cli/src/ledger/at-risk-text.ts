import type { Risk } from "@tollhouse/core/ledger/risk";
import { hourMs, type Instant } from "@tollhouse/core/time/instant";
import { indented } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, relative } from "../output/time.ts";
import type { Paint, View } from "../output/view.ts";

/** Amounts are exact decimals. */
export interface SumShown {
  readonly units: string;
  readonly records: number;
  readonly nearestAt?: Instant;
}

interface RiskShown {
  readonly kind: Risk["kind"];
  readonly name: string;
  readonly units: string;
  readonly reason: string;
  readonly productCode?: string;
  readonly deadlineAt?: Instant;
  readonly attempts?: number;
  readonly retryAt?: Instant;
}

interface ConflictShown {
  readonly name: string;
  readonly productCode: string;
  /** Of ours; how many AWS bills is not known here. */
  readonly units: string;
  readonly at: Instant;
}

export interface AtRisk {
  readonly withinHours: number;
  /** Risks whose deadline comes within these hours. */
  readonly soon: number;
  readonly all: SumShown;
  readonly byProduct: readonly (SumShown & { readonly productCode: string; readonly title: string })[];
  readonly byReason: readonly (SumShown & { readonly reason: string })[];
  /** Nearest deadline first. */
  readonly risks: readonly RiskShown[];
  readonly more: number;
  /** More is pending or waits than was read. */
  readonly isMore: boolean;
  /** Products of which nothing is sent. */
  readonly dryRuns: readonly string[];
  readonly conflicts?: {
    readonly count: number;
    readonly units: string;
    readonly latest: readonly ConflictShown[];
  };
}

export function atRiskText(data: AtRisk, limit: number, view: View): string {
  const { paint, width, now } = view;
  const { all, risks, more, isMore, soon, withinHours, byProduct, byReason, dryRuns, conflicts } = data;
  const hours = `${withinHours} ${withinHours === 1 ? "hour" : "hours"}`;
  const waits = risks.some(({ kind }) => kind === "waiting");
  return [
    risks.length === 0
      ? paint.good("Nothing is at risk.")
      : soon === 0
        ? paint.good(`${all.units} units are not accepted yet, none of them lost within ${hours}.`)
        : paint.warn(`Of ${all.units} units that are not accepted yet, some are lost within ${hours}.`),
    ...(risks.length === 0 ? [] : ["", table(riskColumns(view, withinHours), risks, view)]),
    ...(more === 0 ? [] : [`and ${more} more: --limit ${limit * 2} shows more of them`]),
    ...(isMore
      ? indented(
          "More is pending or waits than was read; the sums are at least what they say.",
          0,
          width,
          paint.warn,
        )
      : []),
    ...(waits
      ? indented("`tollhouse usage unattributed` shows what waits, and what to do.", 0, width, paint.quiet)
      : []),
    ...(byProduct.length === 0
      ? []
      : [
          "",
          table(
            sumColumns<AtRisk["byProduct"][number]>("PRODUCT", ({ title }) => title, now),
            byProduct,
            view,
          ),
        ]),
    ...(byReason.length === 0
      ? []
      : [
          "",
          table(
            sumColumns<AtRisk["byReason"][number]>("REASON", ({ reason }) => reason, now),
            byReason,
            view,
          ),
        ]),
    ...(dryRuns.length === 0
      ? []
      : [
          "",
          ...indented(
            `In a dry run, so nothing of them is sent: ${dryRuns.join(", ")}. \`tollhouse ledger rehearsal\` shows what would be.`,
            0,
            width,
            paint.quiet,
          ),
        ]),
    ...conflictLines(conflicts, view),
  ].join("\n");
}

function conflictLines(conflicts: AtRisk["conflicts"], view: View): readonly string[] {
  if (conflicts === undefined || conflicts.count === 0) return [];
  const { paint, width } = view;
  const { count, units, latest } = conflicts;
  return [
    "",
    ...indented(
      `Conflicts of the last 45 days: ${count}, of which up to ${units} units are not billed. AWS has other quantities, which it does not tell; \`tollhouse ledger explain <record>\` says how to find out.`,
      0,
      width,
      paint.warn,
    ),
    table(conflictColumns(view), latest, view),
    ...(count > latest.length ? [`and ${count - latest.length} earlier ones`] : []),
  ];
}

const riskColumns = ({ now, paint }: View, withinHours: number): readonly Column<RiskShown>[] => [
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
  {
    head: "LOST",
    cell: ({ deadlineAt }) => lostPhrase(deadlineAt, now),
    paint: (text, { deadlineAt }) => soonPaint(paint, deadlineAt, now, withinHours)(text),
  },
  { head: "", cell: ({ deadlineAt }) => (deadlineAt === undefined ? "" : absolute(deadlineAt)), leaveOut: 3 },
  { head: "OF", cell: ({ name }) => name },
  { head: "WHY", cell: ({ reason }) => reason, least: 24 },
  {
    head: "TRIED",
    cell: ({ attempts }) => (attempts === undefined ? "" : String(attempts)),
    align: "right",
    leaveOut: 2,
  },
  {
    head: "NEXT TRY",
    cell: ({ retryAt }) => (retryAt === undefined ? "" : relative(retryAt, now)),
    leaveOut: 1,
  },
];

/** What has no deadline goes into a later record while the grant goes on. */
const lostPhrase = (deadlineAt: Instant | undefined, now: Instant): string =>
  deadlineAt === undefined ? "not yet" : deadlineAt <= now ? "now" : relative(deadlineAt, now);

const soonPaint = (
  paint: Paint,
  deadlineAt: Instant | undefined,
  now: Instant,
  withinHours: number,
): ((text: string) => string) =>
  deadlineAt !== undefined && deadlineAt - now <= withinHours * hourMs ? paint.warn : (text) => text;

const sumColumns = <Sum extends SumShown>(
  head: string,
  name: (sum: Sum) => string,
  now: Instant,
): readonly Column<Sum>[] => [
  { head, cell: name, least: 30 },
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
  { head: "RECORDS", cell: ({ records }) => String(records), align: "right" },
  { head: "FIRST LOST", cell: ({ nearestAt }) => lostPhrase(nearestAt, now) },
];

const conflictColumns = ({ now }: View): readonly Column<ConflictShown>[] => [
  { head: "UP TO", cell: ({ units }) => units, align: "right" },
  { head: "RECORD", cell: ({ name }) => name },
  { head: "SINCE", cell: ({ at }) => relative(at, now) },
];

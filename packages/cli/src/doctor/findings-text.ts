import { type Finding, type Group, groups, type Status } from "@tollhouse/core/doctor/finding";
import { indented } from "../output/paragraph.ts";
import type { Paint, View } from "../output/view.ts";

/** What was found, and whether it will do. */
export interface Examined {
  readonly stage: string;
  readonly isSound: boolean;
  readonly findings: readonly Finding[];
}

const headings: Readonly<Record<Group, string>> = {
  account: "Account",
  clock: "Clock",
  roles: "Roles in the seller's account",
  notifications: "Notifications from AWS Marketplace",
  queues: "Queues",
  tables: "Tables",
  marketplace: "AWS Marketplace",
  functions: "Functions",
};

const signs: Readonly<Record<Status, string>> = {
  pass: "✓",
  warn: "!",
  fail: "✗",
  unknown: "?",
  skipped: "–",
};

/** Group by group; what holds takes a line, what does not says why and what mends it. */
export function findingsText({ stage, findings }: Examined, view: View): string {
  const blocks = groups.flatMap((group) => {
    const own = findings.filter((finding) => finding.group === group);
    return own.length === 0
      ? []
      : [
          [view.paint.strong(headings[group]), ...own.flatMap((finding) => linesOf(finding, view))].join(
            "\n",
          ),
        ];
  });
  return [...blocks, verdict(stage, findings, view)].join("\n\n");
}

const signWidth = 4;
const detailIndent = 6;

function linesOf(finding: Finding, { paint, width }: View): readonly string[] {
  const { status, tried, detail } = finding;
  const [first = "", ...rest] = indented(tried, signWidth, width);
  const colour = paintOf(paint, status);
  const lines = [`  ${colour(signs[status])} ${first.trimStart()}`, ...rest];
  if (status === "pass") return lines;
  const remedy = "remedy" in finding ? indented(`→ ${finding.remedy}`, detailIndent, width) : [];
  return [
    ...lines,
    ...indented(detail, detailIndent, width, "remedy" in finding ? colour : paint.quiet),
    ...remedy,
  ];
}

function paintOf(paint: Paint, status: Status): (text: string) => string {
  if (status === "pass") return paint.good;
  return status === "skipped" ? paint.quiet : paint.warn;
}

const counted: readonly (readonly [Status, string, string])[] = [
  ["pass", "holds", "hold"],
  ["fail", "does not hold", "do not hold"],
  ["unknown", "could not be tried", "could not be tried"],
  ["warn", "needs a look", "need a look"],
  ["skipped", "is not tried here", "are not tried here"],
];

function verdict(stage: string, findings: readonly Finding[], { paint, width }: View): string {
  const parts = counted.flatMap(([status, one, many]) => {
    const count = findings.filter((finding) => finding.status === status).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const isWrong = findings.some(({ status }) => status === "fail" || status === "unknown");
  const colour = isWrong ? paint.warn : paint.good;
  return indented(
    `Of ${findings.length} links of stage ${stage} ${parts.join(", ")}.`,
    0,
    width,
    colour,
  ).join("\n");
}

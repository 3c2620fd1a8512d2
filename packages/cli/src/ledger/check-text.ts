import { type GivenUpReason, givenUpReasons } from "@tollhouse/core/ledger/check-ledger";
import { indented } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import type { Checked } from "./checked.ts";

interface Row {
  readonly name: string;
  readonly units: string;
  readonly means: string;
  readonly isPart?: boolean;
}

export function checkedText(checked: Checked, view: View): string {
  const { paint, width } = view;
  const { balanced, differences, looked } = checked;
  const reading = `Looked at ${counted(looked.segments, "segment")} with ${counted(looked.events, "event")}, ${counted(looked.books, "book")} and ${counted(looked.records, "usage record")}.`;
  return [
    balanced ? paint.good("The books balance.") : paint.warn("The books do not balance."),
    "",
    table(columnsOf(view), rowsOf(checked), view),
    "",
    ...indented(reading, 0, width, paint.quiet),
    ...(balanced
      ? []
      : [
          "",
          paint.strong(counted(differences.length, "difference")),
          ...differences.flatMap((sentence) => indented(`· ${sentence}`, 2, width)),
          "",
          ...indented(lookedAgain(checked), 0, width),
        ]),
  ].join("\n");
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const lookedAgain = ({ looks, sameEachLook }: Checked): string =>
  sameEachLook
    ? `Everything was read ${looks} times, and each time the same was found. Nothing mends it by itself. \`tollhouse usage segment\` and \`tollhouse ledger show\` show what is named above.`
    : `Everything was read ${looks} times, and each time something else was found: usage comes in or is folded meanwhile. Look again when less is going on before you believe it.`;

function rowsOf(checked: Checked): readonly Row[] {
  const { unbillable, records } = checked;
  const part = (name: string, units: string, means: string): Row => ({
    name: `    ${name}`,
    units,
    means,
    isPart: true,
  });
  const reasons = Object.entries(givenUpReasons)
    .map(([reason, means]) => part(reason, unbillable[reason as GivenUpReason], means))
    .filter(({ units }) => units !== "0");
  return [
    { name: "accepted", units: checked.accepted, means: "in distinct events" },
    { name: "= unfolded", units: checked.unfolded, means: "in hours not folded yet, repeats included" },
    { name: "+ in flight", units: checked.inFlight, means: "decided on by a fold, not booked yet" },
    { name: "+ waiting", units: checked.waiting, means: "fits nobody yet: tollhouse usage unattributed" },
    { name: "+ unbillable", units: unbillable.all, means: "nobody is billed for it" },
    ...reasons,
    { name: "+ covered", units: checked.covered, means: "included in the buyer's contract" },
    { name: "+ balance", units: checked.balance, means: "counted, in no usage record yet" },
    { name: "+ records", units: records.all, means: "in usage records" },
    part("accepted", records.accepted, "billed by AWS Marketplace"),
    part("pending", records.pending, "at risk until AWS takes them"),
    part("conflict", records.conflict, "AWS has another quantity for the hour"),
    part("not-subscribed", records["not-subscribed"], "AWS knew no such subscriber until it was too late"),
    part("rejected", records.rejected, "AWS refused them until it was too late"),
    part("expired", records.expired, "AWS takes them no more"),
    {
      name: "repeats",
      units: checked.repeated,
      means: "copies that add nothing; no part of what was accepted",
    },
  ];
}

const columnsOf = ({ paint }: View): readonly Column<Row>[] => [
  { head: "", cell: ({ name }) => name, paint: (text, { isPart }) => (isPart ? paint.quiet(text) : text) },
  {
    head: "UNITS",
    cell: ({ units }) => units,
    align: "right",
    paint: (text, { isPart }) => (isPart ? paint.quiet(text) : text),
  },
  { head: "", cell: ({ means }) => means, least: 20, leaveOut: 1, paint: (text) => paint.quiet(text) },
];

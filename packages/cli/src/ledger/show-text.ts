import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import { type UnbillableReason, unbillableReasons } from "@tollhouse/core/metering/book";
import { leftOut } from "../collect.ts";
import { indented, nameValues } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, both, relative } from "../output/time.ts";
import type { Paint, View } from "../output/view.ts";
import { grantSentence, paintState } from "../subscription/grant-words.ts";
import { waitingTable } from "../usage/waiting-subject.ts";
import type { BalanceLine, ShownBook, ShownLedger, ShownRecord } from "./shown.ts";

export function ledgerText(
  shown: ShownLedger,
  configuration: Configuration,
  limit: number,
  view: View,
): string {
  const { subscriptionId, productCode, grant, askedFor, books, waiting, moreWaits } = shown;
  const { paint, width, now } = view;
  const product = findProduct(configuration, productCode);
  return [
    `${paint.strong(subscriptionId)}  ${paintState(paint, grant.state)(grant.state)}`,
    ...nameValues(
      [
        ["asked for", askedFor && `${askedFor}, whose usage belongs to this subscription`],
        ["product", product === undefined ? productCode : `${product.title} (${productCode})`],
        ["grant", grantSentence(grant, (at) => both(at, now))],
      ],
      width,
    ),
    ...(product === undefined
      ? indented(
          "This product is not in tollhouse.config.ts, without which nobody knows its dimensions.",
          0,
          width,
          paint.warn,
        )
      : []),
    ...(books.length === 0 ? ["", "Nothing was counted for it yet."] : []),
    ...books.flatMap((book) => ["", ...bookLines(book, limit, view)]),
    ...(waiting.length === 0 ? [] : ["", paint.strong("Waits under its names"), waitingTable(waiting, view)]),
    ...(moreWaits ? [`and more that waits: --limit ${limit * 2} shows more of it`] : []),
  ].join("\n");
}

function bookLines(book: ShownBook, limit: number, view: View): readonly string[] {
  const { dimension, balanced, balanceLines, records, moreRecords, isClosed } = book;
  const { paint, width } = view;
  const moreBalance = leftOut(
    { more: Math.max(0, balanceLines.length - limit), moreIsAtLeast: false },
    limit,
  );
  return [
    paint.strong(dimension),
    ...indented(accountsSentence(book), 0, width, balanced ? undefined : paint.warn),
    ...accountLines(book, view),
    ...(isClosed ? indented("Its grants have ended, and it was written off.", 0, width, paint.quiet) : []),
    ...(balanceLines.length === 0 ? [] : ["", table(balanceColumns, balanceLines.slice(0, limit), view)]),
    ...(moreBalance === "" ? [] : [moreBalance]),
    "",
    records.length === 0 ? "No hour of it was sealed yet." : table(recordColumns(view), records, view),
    ...(moreRecords ? [leftOut({ more: 1, moreIsAtLeast: true }, limit)] : []),
    ...records
      .slice(0, 1)
      .flatMap(({ name }) =>
        indented(
          `\`tollhouse ledger explain <record>\` goes down to the events: ${name}`,
          0,
          width,
          paint.quiet,
        ),
      ),
  ];
}

/** `6.75 counted = 0.75 in the balance + 6 in usage records`, and the accounts that are not empty. */
function accountsSentence({ counted, balance, recorded, covered, unbillable, balanced }: ShownBook): string {
  const parts = [
    `${balance} in the balance`,
    `${recorded} in usage records`,
    ...(covered === "0" ? [] : [`${covered} covered by the contract`]),
    ...(Object.keys(unbillable).length === 1 ? [] : [`${unbillable.all} that nobody is billed for`]),
  ];
  return balanced
    ? `${counted} counted = ${parts.join(" + ")}`
    : `This book does not balance: ${counted} counted, ${parts.join(", ")}.`;
}

function accountLines({ terms, unbillable }: ShownBook, { width, paint }: View): readonly string[] {
  const reasons = Object.entries(unbillable).filter(([reason]) => reason !== "all");
  return [
    ...terms.flatMap(({ since, covered, includes }) =>
      indented(
        `· ${covered}${includes === undefined ? "" : ` of the ${includes} included`} covered in the term since ${absolute(since)}`,
        2,
        width,
      ),
    ),
    ...reasons.flatMap(([reason, units]) =>
      indented(
        reason === "owed-to-buyer"
          ? `· owed to the buyer: ${units.replace("-", "")}, ${unbillableReasons[reason]}`
          : `· ${units} ${reason}: ${unbillableReasons[reason as UnbillableReason]}`,
        2,
        width,
        paint.warn,
      ),
    ),
  ];
}

const balanceColumns: readonly Column<BalanceLine>[] = [
  { head: "BALANCE OF", cell: ({ hour }) => hour },
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
  { head: "TAGS", cell: ({ tags }) => tagsPhrase(tags), least: 10 },
];

const tagsPhrase = (tags: BalanceLine["tags"]): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ") || "untagged";

/** What a record gave back is nobody's loss yet. */
const paintOutcome = (paint: Paint, outcome: ShownRecord["outcome"]): ((text: string) => string) => {
  if (outcome === "accepted") return paint.good;
  return outcome === "pending" ? (text) => text : outcome === "returned" ? paint.quiet : paint.warn;
};

const recordColumns = ({ now, paint }: View): readonly Column<ShownRecord>[] => [
  { head: "RECORD OF", cell: ({ hour }) => hour },
  { head: "QUANTITY", cell: ({ quantity }) => quantity, align: "right" },
  {
    head: "OUTCOME",
    cell: ({ outcome }) => outcome,
    paint: (text, { outcome }) => paintOutcome(paint, outcome)(text),
  },
  { head: "ATTEMPTS", cell: ({ attempts }) => String(attempts), align: "right" },
  { head: "DEADLINE", cell: ({ deadlineAt }) => relative(deadlineAt, now) },
  { head: "", cell: ({ deadlineAt }) => absolute(deadlineAt), leaveOut: 1 },
  { head: "ALLOCATIONS", cell: ({ allocations }) => String(allocations), align: "right", leaveOut: 2 },
  { head: "REFUSAL", cell: ({ refusal }) => refusal ?? "", least: 12 },
];

import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import { leftOut } from "../collect.ts";
import { indented, nameValues } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, both, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
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
  const { dimension, counted, balance, recorded, balanced, balanceLines, records, moreRecords } = book;
  const { paint, width } = view;
  const moreBalance = leftOut(
    { more: Math.max(0, balanceLines.length - limit), moreIsAtLeast: false },
    limit,
  );
  return [
    paint.strong(dimension),
    ...(balanced
      ? indented(`${counted} counted = ${balance} in the balance + ${recorded} in usage records`, 0, width)
      : indented(
          `This book does not balance: ${counted} counted, ${balance} in the balance and ${recorded} in usage records.`,
          0,
          width,
          paint.warn,
        )),
    ...(balanceLines.length === 0 ? [] : ["", table(balanceColumns, balanceLines.slice(0, limit), view)]),
    ...(moreBalance === "" ? [] : [moreBalance]),
    "",
    records.length === 0 ? "No hour of it was sealed yet." : table(recordColumns(view), records, view),
    ...(moreRecords ? [leftOut({ more: 1, moreIsAtLeast: true }, limit)] : []),
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

const recordColumns = ({ now, paint }: View): readonly Column<ShownRecord>[] => [
  { head: "RECORD OF", cell: ({ hour }) => hour },
  { head: "QUANTITY", cell: ({ quantity }) => quantity, align: "right" },
  {
    head: "OUTCOME",
    cell: ({ outcome }) => outcome,
    paint: (text, { outcome }) =>
      outcome === "accepted" ? paint.good(text) : outcome === "pending" ? text : paint.warn(text),
  },
  { head: "ATTEMPTS", cell: ({ attempts }) => String(attempts), align: "right" },
  { head: "DEADLINE", cell: ({ deadlineAt }) => relative(deadlineAt, now) },
  { head: "", cell: ({ deadlineAt }) => absolute(deadlineAt), leaveOut: 1 },
  { head: "ALLOCATIONS", cell: ({ allocations }) => String(allocations), align: "right", leaveOut: 2 },
  { head: "REFUSAL", cell: ({ refusal }) => refusal ?? "", least: 12 },
];

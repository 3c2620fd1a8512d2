import { nameRecord } from "@tollhouse/core/ledger/record-name";
import { rehearse, type Rehearsal } from "@tollhouse/core/ledger/rehearsal";
import { unbillableReasons, type UnbillableReason } from "@tollhouse/core/metering/book";
import { formatQuantity } from "@tollhouse/core/quantity/micro-units";
import type { Instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { Answer } from "../answer.ts";
import { assertProduct } from "../metering/product.ts";
import { indented } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { RiskReads } from "./at-risk.ts";

interface RehearsedRecord {
  readonly name: string;
  readonly quantity: string;
  /** By which identity AWS would be sent it. */
  readonly by: "license" | "product-code";
  readonly deadlineAt: Instant;
}

interface Rehearsed {
  /** The last hour in which the books are complete. */
  readonly through: string;
  readonly records: readonly RehearsedRecord[];
  readonly moreRecords: number;
  readonly byDimension: readonly {
    readonly productCode: string;
    readonly dimension: string;
    readonly records: number;
    readonly units: string;
  }[];
  readonly writtenOff: Readonly<Partial<Record<UnbillableReason, string>>>;
  readonly stays: readonly { readonly book: string; readonly reasons: readonly string[] }[];
  readonly moreStays: number;
}

interface Asked {
  readonly product?: string | undefined;
  readonly limit: number;
  readonly onProgress?: (books: number) => void;
}

/** @throws CommandError for a product that there is not */
export async function showRehearsal(
  source: RiskReads,
  { product, limit, onProgress = () => undefined }: Asked,
): Promise<Answer<Rehearsed>> {
  assertProduct(source.configuration, product);
  const now = await source.clock.now();
  const found = await rehearse({ ...source, subscriptions: source.store }, source.configuration, {
    ...{ now, product, limit, onProgress },
  });
  return { data: shown(found), text: (data, view) => rehearsalText(data, limit, view) };
}

const shown = ({
  through,
  records,
  moreRecords,
  byDimension,
  writtenOff,
  stays,
  moreStays,
}: Rehearsal): Rehearsed => ({
  through: formatHour(through),
  records: records.map(({ subscriptionId, dimension, hour, entry, deadlineAt }) => ({
    name: nameRecord({ key: { subscriptionId, dimension }, hour }),
    quantity: entry.quantity.toString(),
    by: entry.identity.by,
    deadlineAt,
  })),
  moreRecords,
  byDimension: byDimension.map((sum) => ({ ...sum, units: sum.units.toString() })),
  writtenOff: Object.fromEntries([...writtenOff].map(([reason, units]) => [reason, formatQuantity(units)])),
  stays: stays.map(({ key, reasons }) => ({ book: `${key.subscriptionId}/${key.dimension}`, reasons })),
  moreStays,
});

function rehearsalText(data: Rehearsed, limit: number, view: View): string {
  const { through, records, moreRecords, byDimension, writtenOff, stays, moreStays } = data;
  const { paint, width } = view;
  return [
    ...indented(
      records.length === 0
        ? `Nothing would be sealed now: the books are complete through ${through}.`
        : `What would be sealed now if nothing held it up, in books that are complete through ${through}. Nothing was written or sent.`,
      0,
      width,
      paint.strong,
    ),
    ...(records.length === 0 ? [] : ["", table(recordColumns(view), records, view)]),
    ...(moreRecords === 0 ? [] : [`and ${moreRecords} more: --limit ${limit * 2} shows more of them`]),
    ...(byDimension.length === 0 ? [] : ["", table(sumColumns, byDimension, view)]),
    ...Object.entries(writtenOff).flatMap(([reason, units], index) => [
      ...(index === 0 ? ["", paint.strong("Nobody would be billed for")] : []),
      ...indented(`· ${units} ${reason}: ${unbillableReasons[reason as UnbillableReason]}`, 2, width),
    ]),
    ...stays.flatMap(({ book, reasons }, index) => [
      ...(index === 0 ? ["", paint.strong("Would stay in the balance")] : []),
      ...indented(`· ${book}: ${reasons.join("; ")}`, 2, width),
    ]),
    ...(moreStays === 0 ? [] : [`and ${moreStays} more: --limit ${limit * 2} shows more of them`]),
  ].join("\n");
}

const recordColumns = ({ now }: View): readonly Column<RehearsedRecord>[] => [
  { head: "QUANTITY", cell: ({ quantity }) => quantity, align: "right" },
  { head: "RECORD", cell: ({ name }) => name },
  { head: "BY", cell: ({ by }) => by, leaveOut: 2 },
  { head: "DEADLINE", cell: ({ deadlineAt }) => relative(deadlineAt, now), leaveOut: 1 },
];

const sumColumns: readonly Column<Rehearsed["byDimension"][number]>[] = [
  { head: "PRODUCT", cell: ({ productCode }) => productCode },
  { head: "DIMENSION", cell: ({ dimension }) => dimension },
  { head: "RECORDS", cell: ({ records }) => String(records), align: "right" },
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
];

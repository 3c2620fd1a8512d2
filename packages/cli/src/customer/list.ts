import type { Customer } from "@tollhouse/core/lifecycle/customer";
import type { Answer } from "../answer.ts";
import { collect, type Collected, leftOut } from "../collect.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";

type Listed = Omit<Collected<unknown>, "items"> & { readonly customers: readonly Customer[] };

export async function listCustomers(
  { directory }: Pick<Source, "directory">,
  limit: number,
): Promise<Answer<Listed>> {
  const { items, ...left } = await collect(
    (count, after: string | undefined) => directory.customers(count, after),
    limit,
  );
  return {
    data: { customers: items, ...left },
    text({ customers, ...bounds }, view) {
      if (customers.length === 0) return "Nobody has registered yet.";
      return [table(columnsOf(view), customers, view), leftOut(bounds, limit)].filter(Boolean).join("\n");
    },
  };
}

const columnsOf = ({ now, paint }: View): readonly Column<Customer>[] => [
  { head: "CUSTOMER", cell: ({ id }) => id },
  { head: "REGISTERED", cell: ({ registeredAt }) => relative(registeredAt, now) },
  { head: "", cell: ({ registeredAt }) => absolute(registeredAt), leaveOut: 1 },
  {
    head: "AWS ACCOUNT",
    cell: ({ buyerAccountId, erasedAt }) =>
      erasedAt === undefined ? (buyerAccountId ?? "") : `erased ${relative(erasedAt, now)}`,
    paint: (text, { erasedAt }) => (erasedAt === undefined ? text : paint.quiet(text)),
  },
  { head: "IDENTIFIER", cell: ({ customerIdentifier }) => customerIdentifier ?? "", least: 11 },
];

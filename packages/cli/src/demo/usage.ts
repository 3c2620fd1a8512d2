import type { Configuration, Product } from "@tollhouse/core/configuration/configuration";
import {
  add,
  formatQuantity,
  type MicroUnits,
  parseQuantity,
  zeroUnits,
} from "@tollhouse/core/quantity/micro-units";
import { StartError } from "@tollhouse/local/failure";
import type { BilledRecord, BilledTotal } from "./marketplace.ts";
import type { BillLine } from "./narrator.ts";

export interface Used {
  readonly product: Product;
  readonly dimension: string;
  readonly quantity: MicroUnits;
  /** Event by event, as they were reported. */
  readonly amounts: readonly string[];
}

/**
 * An old and a new listing, as far as there are: one of each generation that meters something.
 * @throws StartError when none does
 */
export function meteredListings({ products }: Configuration): readonly Product[] {
  const listings = (["sns", "eventbridge"] as const).flatMap(
    (wanted) =>
      products.find(
        ({ generation, dimensions }) =>
          generation === wanted && dimensions.some(({ kind }) => kind === "metered"),
      ) ?? [],
  );
  if (listings.length > 0) return listings;
  throw new StartError(
    "nothing-metered",
    "No product in tollhouse.config.ts has a metered dimension: nothing is used and nothing billed, so there is no story to play.",
  );
}

/** Amounts that a product's services might report, fractions among them, that make whole units together. */
export type Amounts = readonly (readonly string[])[];
export const usualAmounts: Amounts = [
  ["120", "0.25", "17.5", "0.25", "41"],
  ["2048", "512.5", "0.5", "1439"],
  ["1.75", "0.125", "0.125"],
];
export const lastAmounts: Amounts = [
  ["12.5", "7.5"],
  ["299.5", "0.5"],
  ["0.75", "0.25"],
];

/** Reports usage of every metered dimension. Each event is sent twice, in messages of their own, and counts once. */
export async function reportUsage(
  buyers: readonly { readonly product: Product; readonly subject: string }[],
  amountsOf: Amounts,
  time: string,
  send: (events: readonly unknown[]) => Promise<void>,
): Promise<readonly Used[]> {
  const used: Used[] = [];
  for (const { product, subject } of buyers) {
    for (const { key: dimension, kind } of product.dimensions) {
      if (kind !== "metered") continue;
      const amounts = amountsOf[used.length % amountsOf.length] ?? [];
      const events = amounts.map((quantity, index) => ({
        specversion: "1.0",
        id: `${subject}-${dimension}-${time}-${index}`,
        source: "demo",
        type: "usage",
        subject,
        time,
        data: { dimension, quantity },
      }));
      await send(events);
      await send(events);
      used.push({
        product,
        dimension,
        amounts,
        quantity: amounts.map(parseQuantity).reduce<MicroUnits>(sum, zeroUnits),
      });
    }
  }
  return used;
}

const sum = (total: MicroUnits, amount: ReturnType<typeof parseQuantity>): MicroUnits =>
  typeof amount === "object" ? total : add(total, amount);

/** What was used in two times together; both name the same dimensions in the same order. */
export const together = (some: readonly Used[], more: readonly Used[]): readonly Used[] =>
  some.map((used, index) => ({
    ...used,
    quantity: add(used.quantity, more[index]?.quantity ?? zeroUnits),
    amounts: [...used.amounts, ...(more[index]?.amounts ?? [])],
  }));

export function compare(
  used: readonly Used[],
  billed: readonly BilledTotal[],
  records: readonly BilledRecord[] = [],
): { lines: BillLine[]; equal: boolean } {
  const lines = used.map(({ product, dimension, quantity, amounts }): BillLine => {
    const total =
      billed.find((line) => line.productCode === product.code && line.dimension === dimension)?.quantity ?? 0;
    const usedText = formatQuantity(quantity);
    return {
      product: product.title,
      dimension,
      used: usedText,
      billed: String(total),
      equal: usedText === String(total),
      amounts,
      records: records
        .filter((record) => record.productCode === product.code && record.dimension === dimension)
        .map((record) => ({ hour: record.hour, quantity: String(record.quantity) })),
    };
  });
  const equal = lines.length > 0 && billed.length === lines.length && lines.every((line) => line.equal);
  return { lines, equal };
}

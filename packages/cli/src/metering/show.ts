import type { Product } from "@tollhouse/core/configuration/configuration";
import { metersUsage } from "@tollhouse/core/configuration/product";
import { type RiskReport, unitsAtRisk } from "@tollhouse/core/ledger/at-risk";
import { findRestored, restoredSentence } from "@tollhouse/core/metering/restore";
import type { Answer } from "../answer.ts";
import type { MeteringSource } from "../source.ts";
import type { RiskReads } from "../ledger/at-risk.ts";
import { indented } from "../output/paragraph.ts";
import type { Paint, View } from "../output/view.ts";
import { assertProduct } from "./product.ts";
import { type ProductState, stateOf } from "./state.ts";

interface Shown {
  /** That nothing is sealed or sent, since the books are a backup's. */
  readonly restored?: string;
  readonly products: readonly ProductState[];
}

/** @throws CommandError for a product that there is not */
export async function showMetering(
  source: RiskReads & Pick<MeteringSource, "runs" | "runWitness">,
  product: string | undefined,
  onProgress: (books: number) => void = () => undefined,
): Promise<Answer<Shown>> {
  assertProduct(source.configuration, product);
  const report = await riskOf(source, product, onProgress);
  const products: ProductState[] = [];
  for (const one of source.configuration.products)
    if (metersUsage(one) && (product === undefined || product === one.code))
      products.push(await readState(source, one, report));
  const found = await findRestored(source);
  const restored = found && capitalised(`${restoredSentence(source.configuration.products, found)}.`);
  return {
    data: { ...(restored !== undefined && { restored }), products },
    text: shownText,
    isWrong: restored !== undefined,
  };
}

export const riskOf = async (
  source: RiskReads,
  product: string | undefined,
  onProgress: (books: number) => void = () => undefined,
): Promise<RiskReport> => {
  const now = await source.clock.now();
  const asked = { now, soonUntil: now, product, limit: 1, onProgress };
  return unitsAtRisk({ ...source, subscriptions: source.store }, source.configuration, asked);
};

export const readState = async (
  { switches, progress }: RiskReads,
  product: Product,
  report: RiskReport,
): Promise<ProductState> =>
  stateOf(product, {
    switched: await switches.load(product.code),
    sum: report.byProduct.get(product.code),
    byProductCode: report.byProductCode.get(product.code),
    through: await progress.load(),
  });

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

function shownText({ restored, products }: Shown, view: View): string {
  const states = statesText(products, view);
  return restored === undefined ? states : [...indented(restored, 0, view.width), "", states].join("\n");
}

function statesText(products: readonly ProductState[], view: View): string {
  if (products.length === 0) return "No product in tollhouse.config.ts has a metered dimension.";
  return products.map((product) => stateLines(product, view).join("\n")).join("\n\n");
}

export const stateLines = (
  { title, productCode, state, sentences }: ProductState,
  { paint, width }: View,
): readonly string[] => [
  `${paint.strong(title)}  ${paintState(paint, state)(state)}`,
  paint.quiet(productCode),
  ...sentences.flatMap((sentence) => indented(sentence, 0, width)),
];

const paintState = (paint: Paint, state: ProductState["state"]) =>
  state === "live" ? paint.good : state === "dry-run" ? paint.quiet : paint.warn;

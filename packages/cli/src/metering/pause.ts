import type { Answer } from "../answer.ts";
import type { RiskReads } from "../ledger/at-risk.ts";
import { indented } from "../output/paragraph.ts";
import { absolute } from "../output/time.ts";
import type { MeteringSource } from "../source.ts";
import { meteredProductNamed } from "./product.ts";
import { readState, riskOf, stateLines } from "./show.ts";
import type { ProductState } from "./state.ts";

type Writes = RiskReads & { readonly switches: MeteringSource["switches"] };

interface Switched {
  /** Whether this changed anything. */
  readonly changed: boolean;
  readonly sentence: string;
  readonly product: ProductState;
}

/** @throws CommandError for a product that there is not, or that meters nothing */
export async function pauseMetering(source: Writes, code: string, reason: string): Promise<Answer<Switched>> {
  const product = meteredProductNamed(source.configuration, code);
  const { paused } = await source.switches.load(product.code);
  if (paused === undefined) await source.switches.pause(product.code, reason, await source.clock.now());
  return answer(source, product, {
    changed: paused === undefined,
    sentence:
      paused === undefined
        ? `${product.title} is paused from the meter's next run on. \`tollhouse metering resume ${product.code}\` lets it go on.`
        : `${product.title} is paused already, since ${absolute(paused.at)}: its reason stays.`,
  });
}

/** @throws the same */
export async function resumeMetering(source: Writes, code: string): Promise<Answer<Switched>> {
  const product = meteredProductNamed(source.configuration, code);
  const { paused } = await source.switches.load(product.code);
  if (paused !== undefined) await source.switches.resume(product.code);
  return answer(source, product, {
    changed: paused !== undefined,
    sentence:
      paused === undefined
        ? `${product.title} is not paused.`
        : `${product.title} goes on with the meter's next run. It was paused since ${absolute(paused.at)}: ${paused.reason}.`,
  });
}

async function answer(
  source: Writes,
  product: ReturnType<typeof meteredProductNamed>,
  done: Pick<Switched, "changed" | "sentence">,
): Promise<Answer<Switched>> {
  const state = await readState(source, product, await riskOf(source, product.code));
  return {
    data: { ...done, product: state },
    text: (data, view) =>
      [...indented(data.sentence, 0, view.width), "", ...stateLines(data.product, view)].join("\n"),
  };
}

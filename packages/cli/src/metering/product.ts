import type { Configuration, Product } from "@tollhouse/core/configuration/configuration";
import { findProduct, metersUsage } from "@tollhouse/core/configuration/product";
import { CommandError } from "../failure.ts";

/** @throws CommandError for a product code that is not configured; the sentence names those that are */
export function assertProduct(configuration: Configuration, code: string | undefined): void {
  if (code !== undefined) productNamed(configuration, code);
}

/** @throws the same */
function productNamed(configuration: Configuration, code: string): Product {
  const product = findProduct(configuration, code.trim());
  if (product !== undefined) return product;
  const known = configuration.products.map((one) => `${one.code} (${one.title})`);
  const isId = code.startsWith("prod-");
  throw new CommandError(
    "wrong-usage",
    `${isId ? `${code} is a product id, not a product code` : `There is no product ${code} in tollhouse.config.ts`}. Give one of ${known.join(", ")}.`,
  );
}

/** @throws the same, and for a product whose usage is not reported */
export function meteredProductNamed(configuration: Configuration, code: string): Product {
  const product = productNamed(configuration, code);
  if (metersUsage(product)) return product;
  throw new CommandError(
    "wrong-usage",
    `${product.title} has no metered dimension, so there is nothing to pause: its usage is not reported.`,
  );
}

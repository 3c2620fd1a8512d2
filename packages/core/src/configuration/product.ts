import type { Configuration, Product } from "./configuration.ts";

export const findProduct = (
  configuration: Pick<Configuration, "products">,
  code: string,
): Product | undefined => configuration.products.find((product) => product.code === code);

export const isMetered = (product: Product, dimension: string): boolean =>
  product.dimensions.some(({ key, kind }) => key === dimension && kind === "metered");

/** Whether the listing sells anything up front, so that GetEntitlements has something to say. */
export const hasEntitlements = (product: Product): boolean => product.pricing !== "subscription";

/** Whether usage of the listing is reported at all. */
export const metersUsage = (product: Product): boolean =>
  product.dimensions.some(({ kind }) => kind === "metered");

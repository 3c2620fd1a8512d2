import type { Configuration, Product } from "./configuration.ts";

export const findProduct = (
  configuration: Pick<Configuration, "products">,
  code: string,
): Product | undefined => configuration.products.find((product) => product.code === code);

export const isMetered = (product: Product, dimension: string): boolean =>
  product.dimensions.some(({ key, kind }) => key === dimension && kind === "metered");

/** Whether the listing sells anything up front, so that GetEntitlements has something to say. */
export const hasEntitlements = (product: Product): boolean => product.pricing !== "subscription";

/** The dimensions of which usage is reported. */
export const meteredDimensions = ({ dimensions }: Product): readonly string[] =>
  dimensions.filter(({ kind }) => kind === "metered").map(({ key }) => key);

/** Whether usage of the listing is reported at all. */
export const metersUsage = (product: Product): boolean => meteredDimensions(product).length > 0;

import { expect, test } from "vitest";
import example from "../../../../tollhouse.config.ts";
import { meteredListings } from "./usage.ts";

test("the story is played for one listing of each generation that meters something", () => {
  expect(meteredListings(example).map(({ generation }) => generation)).toEqual(["sns", "eventbridge"]);
});

test("where no product meters anything there is no story, and no bill that could be called equal", () => {
  const products = example.products.map((product) => ({
    ...product,
    dimensions: product.dimensions.filter(({ kind }) => kind !== "metered"),
  }));
  expect(() => meteredListings({ ...example, products })).toThrow("has a metered dimension: nothing is used");
});

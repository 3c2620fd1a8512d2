import { expect, test } from "vitest";
import { collect, leftOut } from "./collect.ts";

test("a list without an end is counted up to a bound", async () => {
  let pages = 0;
  const endless = (limit: number, after: string | undefined) => {
    pages += 1;
    const from = Number(after ?? 0);
    return Promise.resolve({
      items: Array.from({ length: limit }, (_, index) => from + index),
      next: `${from + limit}`,
    });
  };
  const { items, ...left } = await collect(endless, 5);
  expect(items).toEqual([0, 1, 2, 3, 4]);
  expect(left).toEqual({ more: 1_000, moreIsAtLeast: true });
  expect(pages).toBe(11);
  expect(leftOut(left, 5)).toBe("and at least 1000 more: --limit 10 shows more of them");
});

test("a list that is shown whole says nothing of more", () => {
  expect(leftOut({ more: 0, moreIsAtLeast: false }, 5)).toBe("");
});

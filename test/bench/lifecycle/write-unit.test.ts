import { expect, test } from "vitest";
import { costOfTransaction } from "./write-unit.ts";

const put = (length: number, more: object = {}) => ({
  Put: { TableName: "t", Item: { pk: "p", sk: "s", text: "x".repeat(length), ...more } },
});

test("a transaction costs two units for each KiB begun of every item, and a check two", () => {
  expect(costOfTransaction({ TransactItems: [put(500), put(500), { ConditionCheck: { Key: {} } }] })).toEqual(
    { items: 3, tableUnits: 6, indexUnits: 0 },
  );
});

test("names count: 10 bytes of them and of keys leave 1014 for the text", () => {
  const unitsOf = (length: number) => costOfTransaction({ TransactItems: [put(length)] })?.tableUnits;
  expect([unitsOf(1_014), unitsOf(1_015)]).toEqual([2, 4]);
});

test("every index that an item is in costs one unit for each KiB begun", () => {
  const listed = { gsi2pk: "a", gsi2sk: "b", gsi3pk: "a", gsi3sk: "b" };
  expect(costOfTransaction({ TransactItems: [put(1_500, listed)] })).toEqual({
    ...{ items: 1, tableUnits: 4, indexUnits: 4 },
  });
});

test("what is no transaction has no such cost, and one that does something else is not guessed", () => {
  expect(costOfTransaction({ Key: {} })).toBeUndefined();
  expect(() => costOfTransaction({ TransactItems: [{ Delete: {} }] })).toThrow();
});

import * as z from "zod";

/** What a request must say for a permission to hold (IAM guide, "Condition operators"), as far as AWS Marketplace's actions need it. */
export const condition = z.strictObject({
  operator: z.enum(["StringEquals", "ForAllValues:StringEquals"]),
  key: z.string(),
  values: z.array(z.string()),
});
export type Condition = z.output<typeof condition>;

/** What a request says, by the key in lower case: IAM compares names of keys without regard to case. */
export type Context = ReadonlyMap<string, readonly string[]>;

export const conditionsHold = (conditions: readonly Condition[], context: Context): boolean =>
  conditions.every(({ operator, key, values }) => {
    const said = context.get(key.toLowerCase()) ?? [];
    // "For all values" also holds where there are none; a single value has to be there.
    const isSaid = operator === "ForAllValues:StringEquals" || said.length === 1;
    return isSaid && said.every((value) => values.includes(value));
  });

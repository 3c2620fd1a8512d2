import * as z from "zod";

/**
 * IAM's policy language, as far as our policies use it. An element, operator or form that is not here is refused instead of
 * passed over: what is not understood must not look like what is allowed.
 */
const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat());

const everybody = (): { AWS: string[]; Service: string[] } => ({ AWS: ["*"], Service: [] });

const principal = z.union([
  z.literal("*").transform(everybody),
  z.strictObject({ AWS: oneOrMore.default([]), Service: oneOrMore.default([]) }),
]);

const operator = z.partialRecord(
  z.enum(["StringEquals", "ArnEquals", "ArnLike", "ForAllValues:StringEquals"]),
  z.record(z.string(), oneOrMore),
);

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: principal.optional(),
  Action: oneOrMore,
  Resource: oneOrMore.optional(),
  Condition: operator.default({}),
});

const document = z.strictObject({
  Version: z.literal("2012-10-17"),
  Id: z.string().optional(),
  Statement: z.union([statement.transform((one) => [one]), z.array(statement).min(1)]),
});

export type Policy = z.output<typeof document>;
export type Statement = z.output<typeof statement>;

/** @throws when the policy says something that this evaluator does not know */
export function parsePolicy(value: unknown): Policy {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.includes("${")) throw new Error(`policy variables are not known here: ${text}`);
  const parsed = document.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`not known here: ${z.prettifyError(parsed.error)} in ${text}`);
  return parsed.data;
}

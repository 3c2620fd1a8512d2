import * as z from "zod";

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value));

/** A condition may hold `true` and `5` bare, and AWS compares them as text (IAM guide, "IAM JSON policy elements: Condition operators"). */
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const conditionValues = z
  .union([scalar, z.array(scalar)])
  .transform((value) => (typeof value === "string" ? [value] : value));

const statementSchema = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([z.literal("*"), z.record(z.string(), oneOrMore)]).optional(),
  Action: oneOrMore.default([]),
  NotAction: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValues)).default({}),
});

const policySchema = z.object({
  Statement: z
    .union([statementSchema, z.array(statementSchema)])
    .transform((value) => (Array.isArray(value) ? value : [value])),
});

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A resource policy's statement that lets somebody in, as far as doctor judges it. */
export interface Admission {
  /** `AWS arn:…`, `Service sns.amazonaws.com`; `*` is anybody. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly conditions: readonly Condition[];
}

/** Whom a policy document lets in; `undefined` when it is none. What it denies only narrows that. */
export function admissionsOf(document: string): readonly Admission[] | undefined {
  const policy = policySchema.safeParse(jsonOf(document));
  return policy.data?.Statement.filter(({ Effect }) => Effect === "Allow").map((statement) => ({
    principals: principalsOf(statement.Principal),
    actions: statement.NotAction === undefined ? statement.Action : ["*"],
    conditions: Object.entries(statement.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
    ),
  }));
}

/** A resource policy without a principal has a NotPrincipal: anybody but some. */
const principalsOf = (principal: z.output<typeof statementSchema>["Principal"]): readonly string[] =>
  principal === undefined || principal === "*"
    ? ["*"]
    : Object.entries(principal).flatMap(([kind, names]) =>
        names.map((name) => (name === "*" ? "*" : `${kind} ${name}`)),
      );

function jsonOf(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

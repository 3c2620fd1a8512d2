import type { Statement } from "./policy.ts";

/** What is known of a request; names of keys are compared without regard to case, as IAM does. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** `*` is any number of characters, `?` one. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

/** Actions are compared without regard to case. */
export const matchesAction = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase()));

export const matchesResource = (patterns: readonly string[], resource: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, resource));

/** Each operator and each of its keys must hold, and any of a key's values will do. */
export function conditionsHold({ Condition }: Pick<Statement, "Condition">, context: Context): boolean {
  const held = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, wanted, held.get(key.toLowerCase()))),
  );
}

function holds(operator: string, wanted: readonly string[], value: Context[string] | undefined): boolean {
  // Of each value that the request has; so of a request that has none, too, as AWS warns.
  if (operator === "ForAllValues:StringEquals")
    return [value ?? []].flat().every((one) => wanted.includes(one));
  if (typeof value === "object") throw new Error(`${operator} is for keys with one value`);
  // A key that the request lacks does not hold.
  return value !== undefined && wanted.some((one) => holdsFor(operator, one, value));
}

function holdsFor(operator: string, wanted: string, value: string): boolean {
  switch (operator) {
    case "StringEquals":
      return wanted === value;
    // The two behave the same: each of an ARN's six parts is compared by itself, and may hold wildcards.
    case "ArnEquals":
    case "ArnLike":
      return matchesArn(wanted, value);
    default:
      throw new Error(`the operator ${operator} is not known here`);
  }
}

export function matchesArn(wanted: string, value: string): boolean {
  const [patterns, parts] = [partsOf(wanted), partsOf(value)];
  return patterns.length === 6 && parts.length === 6
    ? patterns.every((pattern, index) => matchesPattern(pattern, parts[index] ?? ""))
    : false;
}

/** The sixth part may hold colons. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.split(":");
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

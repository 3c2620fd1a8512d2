const longest = 200;

/** Any value as JSON; packed usage is left out. */
export const textOf = (value: unknown): string | undefined =>
  JSON.stringify(value, (key, part: unknown) => {
    if (key === "bytes") return "…";
    if (typeof part === "bigint") return part.toString();
    if (part instanceof Map) return Object.fromEntries(part as Map<string, unknown>);
    return part instanceof Set ? [...(part as Set<unknown>)] : part;
  });

/** What was given or answered, as far as one line of a trace holds it. */
export function shortly(value: unknown): string {
  const text = textOf(value);
  return text === undefined || text.length <= longest ? (text ?? "") : `${text.slice(0, longest)}…`;
}

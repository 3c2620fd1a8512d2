/** Strangers' texts must not move the cursor, ring bells or reorder what is read on a terminal. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The data with every control character in its texts replaced; a line break becomes a space. */
export function harmless<Value>(value: Value): Value;
export function harmless(value: unknown): unknown {
  if (typeof value === "string") return harmlessText(value);
  if (Array.isArray(value)) return value.map((each: unknown) => harmless(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, harmless(held)]));
}

export const harmlessText = (text: string): string =>
  text.replace(/\r?\n|\t/g, " ").replace(unprintable, "\ufffd");

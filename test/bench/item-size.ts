/** Bytes of an item or value (DynamoDB guide, "Item sizes and formats", read 2026): names and texts in UTF-8, numbers by digits, three for a list or map and one for each in it. */
export function sizeOf(value: unknown, isItem = true): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return Math.ceil(String(value).replace(/\D/g, "").length / 2) + 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, each) => sum + 1 + sizeOf(each, false), 0);
  if (typeof value !== "object" || value === null) return 1;
  return Object.entries(value).reduce(
    (sum, [name, each]) =>
      each === undefined ? sum : sum + Buffer.byteLength(name) + sizeOf(each, false) + (isItem ? 0 : 1),
    isItem ? 0 : 3,
  );
}

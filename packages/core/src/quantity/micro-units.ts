/** An exact amount of usage in millionths of a unit. Never a float: a byte counter leaves 2^53 within an hour. */
export type MicroUnits = bigint & { readonly __brand: "MicroUnits" };

const scale = 1_000_000n;
export const zeroUnits = 0n as MicroUnits;

export const microUnits = (value: bigint): MicroUnits => value as MicroUnits;
export const wholeUnits = (units: bigint): MicroUnits => (units * scale) as MicroUnits;
export const add = (a: MicroUnits, b: MicroUnits): MicroUnits => (a + b) as MicroUnits;
export const subtract = (a: MicroUnits, b: MicroUnits): MicroUnits => (a - b) as MicroUnits;
export const total = (amounts: Iterable<MicroUnits>): MicroUnits => {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum as MicroUnits;
};

/** The greatest number of whole units that is not above `amount` (−0.5 gives −1). */
export function floorUnits(amount: MicroUnits): bigint {
  const quotient = amount / scale;
  return amount % scale < 0n ? quotient - 1n : quotient;
}

/** Digits that a DynamoDB number holds exactly are 38; 18 before the point keep every sum of an hour far below that. */
export const decimal = /^(-?)(0|[1-9]\d{0,17})(?:\.(\d{1,6}))?$/;
/** Up to here every decimal that JSON writes is read back as written. */
const safeJsonDigits = 15;

/**
 * Reads a decimal of at most 18 digits before and 6 after the point. A JSON number is taken only when it has at most 15
 * significant digits, since `JSON.parse` may have rounded a longer one; send those as a string.
 * Gives the reason in words when it cannot be read exactly.
 */
export function parseQuantity(value: string | number): MicroUnits | { readonly refused: string } {
  const text = typeof value === "number" ? plain(value) : value;
  const match = decimal.exec(text);
  if (match === null) {
    return { refused: 'must be a decimal with at most 18 digits before and 6 after the point, e.g. "12.5"' };
  }
  const [, sign, whole = "", fraction = ""] = match;
  if (typeof value === "number" && `${whole}${fraction}`.replace(/^0+/, "").length > safeJsonDigits) {
    return {
      refused: "has more than 15 digits, which JSON numbers do not keep exactly: send it as a string",
    };
  }
  const amount = BigInt(whole) * scale + BigInt(fraction.padEnd(6, "0"));
  return microUnits(sign === "-" ? -amount : amount);
}

/** JSON writes 0.0000001 as 1e-7; such a number has more decimals than we keep, so it need not be spelled out. */
const plain = (value: number): string => (Object.is(value, -0) ? "0" : String(value));

/** `12.5`, without trailing zeros. */
export function formatQuantity(amount: MicroUnits): string {
  const magnitude: bigint = amount < 0n ? 0n - amount : amount;
  const fraction = (magnitude % scale).toString().padStart(6, "0").replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${magnitude / scale}${fraction === "" ? "" : `.${fraction}`}`;
}

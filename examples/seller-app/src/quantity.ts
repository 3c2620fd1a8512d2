/** Quantities are exact: whole millionths in a bigint, never a float. */
const perUnit = 1_000_000n;
const form = /^(\d{1,12})(?:\.(\d{1,6}))?$/;

/** Millionths of a unit, or `undefined` when the text is no amount. */
export function millionths(text: string): bigint | undefined {
  const [, whole, fraction = ""] = form.exec(text) ?? [];
  return whole === undefined ? undefined : BigInt(whole) * perUnit + BigInt(fraction.padEnd(6, "0"));
}

export function shown(amount: bigint): string {
  const fraction = String(amount % perUnit)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${amount / perUnit}${fraction === "" ? "" : `.${fraction}`}`;
}

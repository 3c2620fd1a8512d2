/**
 * Whether a policy's pattern means this text too: `*` stands for any letters, `?` for one (IAM guide, "IAM JSON policy elements:
 * Resource"). Letter by letter, so that no pattern takes long.
 */
export function covers(pattern: string, text: string): boolean {
  /** Of the text's beginnings, those that the pattern can stand for so far; by length, ascending. */
  let lengths: readonly number[] = [0];
  for (const sign of pattern) {
    const [shortest] = lengths;
    if (shortest === undefined) return false;
    lengths =
      sign === "*"
        ? Array.from({ length: text.length - shortest + 1 }, (_, more) => shortest + more)
        : lengths
            .filter((length) => length < text.length && (sign === "?" || sign === text[length]))
            .map((length) => length + 1);
  }
  return lengths.includes(text.length);
}

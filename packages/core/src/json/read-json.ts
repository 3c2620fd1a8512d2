/** What a message may cost us before we look at it. */
export interface JsonBounds {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

export type JsonReading = { readonly value: unknown } | { readonly refused: string };

/**
 * Parses JSON that a stranger sent. Too long, too deeply nested or malformed text is refused with the reason in words;
 * the depth is measured before parsing, so that no later walk over the value can exhaust the stack.
 */
export function readJson(text: string, bounds: JsonBounds): JsonReading {
  const bytes = Buffer.byteLength(text);
  if (bytes > bounds.maxBytes)
    return { refused: `is ${bytes} bytes long; at most ${bounds.maxBytes} are read` };
  if (nestingDepth(text) > bounds.maxDepth)
    return { refused: `is nested deeper than ${bounds.maxDepth} levels` };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { refused: "is not valid JSON" };
  }
}

/** How many arrays and objects are open at once at the deepest place, counted outside of strings. */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === quote) index = stringEnd(text, index);
    else if (character === openBracket || character === openBrace) deepest = Math.max(deepest, (depth += 1));
    else if (character === closeBracket || character === closeBrace) depth -= 1;
  }
  return deepest;
}

/** Where the string ends that begins at `start`: most of a message lies in strings, and `indexOf` passes over them fastest. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** A quote after an odd number of backslashes is part of its string. The string's own first quote ends the counting. */
function isEscaped(text: string, place: number): boolean {
  let before = place;
  while (text.charCodeAt(before - 1) === backslash) before -= 1;
  return (place - before) % 2 === 1;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

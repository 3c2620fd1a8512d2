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
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === backslash) index += 1;
      else if (character === quote) inString = false;
    } else if (character === quote) inString = true;
    else if (character === openBracket || character === openBrace) deepest = Math.max(deepest, (depth += 1));
    else if (character === closeBracket || character === closeBrace) depth -= 1;
  }
  return deepest;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { CommandError } from "../failure.ts";
import type { Confirm } from "./erase.ts";

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * How a command asks before it destroys something: not at all with --yes, else on the terminal.
 * @throws CommandError when there is no terminal to ask on
 */
export function confirmation(
  yes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Confirm {
  if (yes) return () => Promise.resolve(true);
  if (input.isTTY !== true || output.isTTY !== true)
    throw new CommandError(
      "wrong-usage",
      "There is no terminal to ask on: say --yes when it is to be erased without asking.",
    );
  return async (question) => {
    const lines = createInterface({ input, output });
    // Input that ends, as after Ctrl-D on an empty line of some terminals, answers nothing.
    const closed = once(lines, "close").then(() => "");
    try {
      const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
      return /^(y|yes)$/i.test(answer.trim());
    } catch (error) {
      // Ctrl-C and Ctrl-D.
      if (error instanceof Error && error.name === "AbortError") return false;
      throw error;
    } finally {
      lines.close();
    }
  };
}

/** What ends a command without an answer; the sentence says what to do, and nobody needs a stack trace for it. */
export class CommandError extends Error {
  readonly code: keyof typeof exitCodes;
  constructor(code: CommandError["code"], sentence: string) {
    super(sentence);
    this.name = "CommandError";
    this.code = code;
  }
}

/** The exit code of each. */
export const exitCodes = {
  "not-found": 1,
  refused: 1,
  broken: 1,
  "wrong-usage": 2,
  unreachable: 2,
} as const;

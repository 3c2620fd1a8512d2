import type { Finding, Group, Verdict } from "./finding.ts";

/** One link, and how it is looked at. Looking changes nothing. */
export interface Check {
  readonly id: string;
  readonly group: Group;
  readonly tried: string;
  /** @throws UnreadableError, or whatever else; it becomes `unknown` */
  look(): Promise<Verdict>;
}

/** A link could not be looked at; the message says why. */
export class UnreadableError extends Error {
  readonly code = "unreadable";
  readonly remedy: string;
  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.name = "UnreadableError";
    this.remedy = remedy;
  }
}

export interface Bounds {
  readonly checksAtOnce: number;
  /** Does `work` and gives what it gives; rejects when that takes too long, and without beginning it when no time is left. */
  readonly within: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

const remedyOfOurs = "Run doctor again. If it stays so, the log of the function doctor says more.";

/** Looks at every link, some at a time. One that cannot be looked at hides no other; the findings keep the checks' order. */
export async function examine(checks: readonly Check[], bounds: Bounds): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const waiting = [...checks.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, check] = next;
      findings[index] = await findingOf(check, bounds);
    }
  };
  await Promise.all(Array.from({ length: bounds.checksAtOnce }, worker));
  return findings;
}

async function findingOf(check: Check, { within }: Bounds): Promise<Finding> {
  const { id, group, tried } = check;
  return { id, group, tried, ...(await within(() => lookAt(check)).catch(unknown)) };
}

/** Also what throws before it waits for anything rejects. */
const lookAt = async (check: Check): Promise<Verdict> => check.look();

const unknown = (error: unknown): Verdict => ({
  status: "unknown",
  detail: error instanceof Error ? error.message : String(error),
  remedy: error instanceof UnreadableError ? error.remedy : remedyOfOurs,
});

import { parseArgs } from "node:util";
import { type SuiteName, suites } from "./suites.ts";

export interface Request {
  readonly names: readonly SuiteName[];
  readonly json: boolean;
  readonly quick: boolean;
}

const listed = Object.entries(suites)
  .map(([name, { title }]) => `  ${name.padEnd(12)} ${title}`)
  .join("\n");

export const help = `Usage: npm run bench -- [suite…] [options]

Measures on this machine and writes docs/benchmarks.md and docs/benchmarks.json. Without a suite, all of them.

Suites:
${listed}

Options:
  --quick      the smallest run that goes everywhere; its figures mean nothing and are written nowhere
  --json       print the figures as JSON
  -h, --help   print this

Exit codes:
  0    measured, targets met or not
  1    something failed
  2    a suite or option that does not exist, or a machine without Java
  130  ended by you
`;

/** What was asked for, a wish for help, or what is wrong with the question. */
export function readArguments(
  args: readonly string[],
): { request: Request } | { help: true } | { wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { help: true };
    const unknown = positionals.filter((name) => !isSuite(name));
    if (unknown.length > 0)
      return {
        wrong: `There is no suite ${unknown.join(", ")}; there is: ${Object.keys(suites).join(", ")}.`,
      };
    const chosen = positionals.filter(isSuite);
    const names = chosen.length > 0 ? [...new Set(chosen)] : (Object.keys(suites) as SuiteName[]);
    return { request: { names, json: values.json, quick: values.quick } };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

const isSuite = (name: string): name is SuiteName => Object.hasOwn(suites, name);

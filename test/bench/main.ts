import { StartError } from "@tollhouse/local/failure";
import { help, readArguments, type Request } from "./command-line.ts";
import { type Measurement, renderMarkdown, writeDocuments } from "./document.ts";
import { describeMachine } from "./machine.ts";
import { suites } from "./suites.ts";

const onProgress = (what: string): void => void process.stderr.write(`· ${what}\n`);

async function run({ names, json, quick }: Request): Promise<void> {
  const measured: Record<string, Measurement> = {};
  const machine = await describeMachine();
  for (const name of names) {
    const figures = await suites[name].measure({ quick, onProgress });
    measured[name] = { measuredAt: new Date().toISOString(), machine, figures };
  }
  if (!quick) await writeDocuments(measured);
  process.stdout.write(json ? `${JSON.stringify(measured)}\n` : await renderMarkdown("", measured));
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const asked = readArguments(process.argv.slice(2));
if ("help" in asked) process.stdout.write(help);
else if ("wrong" in asked) {
  process.stderr.write(`${asked.wrong}\nTry npm run bench -- --help.\n`);
  process.exitCode = 2;
} else
  try {
    await run(asked.request);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = error instanceof StartError && error.code === "java-missing" ? 2 : 1;
  }

import { type Request, readArguments } from "./command-line.ts";
import { shrink, writeSteps } from "./shrink.ts";
import { type Outcome, simulate } from "./simulate.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const runsBetweenReports = 10;
const shownViolations = 5;

/** Whoever reads our output may stop at any time, as `head` does. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

/** Calls of ports are counted by their names, which hold a point; what the summary tells is a sentence. */
const isTold = (what: string): boolean => !/^[a-z]+\.[a-z]+$/i.test(what);

/** How often each kind of fault, trouble and outcome was there, in all runs together. */
function summary(counts: ReadonlyMap<string, number>): string {
  const told = [...counts].filter(([what]) => isTold(what)).sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(0, ...told.map(([, count]) => String(count).length));
  return told.map(([what, count]) => `${String(count).padStart(width)}  ${what}`).join("\n");
}

/** Gives whether nothing was violated. */
async function run({ seeds, steps, json, shrinks, trace }: Request): Promise<boolean> {
  const counts = new Map<string, number>();
  for (const [index, seed] of seeds.entries()) {
    const outcome = await simulate(seed, steps);
    const failed = outcome.violations.length > 0;
    for (const [what, count] of Object.entries(outcome.counts))
      counts.set(what, (counts.get(what) ?? 0) + count);
    if (trace && !json) say(outcome.trace.join("\n"));
    if (json)
      say(
        JSON.stringify({ seed, steps: steps.length, ...outcome, trace: trace ? outcome.trace : undefined }),
      );
    else if (failed) await report(seed, steps, outcome, shrinks);
    if (failed) return false;
    if ((index + 1) % runsBetweenReports === 0)
      process.stderr.write(`· ${index + 1} of ${seeds.length} runs\n`);
  }
  if (!json && seeds.length > 1) say(`${summary(counts)}\n`);
  if (!json) say(`Nothing was violated: seeds ${seeds[0]} to ${seeds.at(-1)}, ${steps.length} steps each.`);
  return true;
}

async function report(
  seed: number,
  steps: readonly number[],
  failing: Outcome,
  shrinks: boolean,
): Promise<void> {
  if (shrinks) process.stderr.write("· a guarantee was violated; looking for a shorter run\n");
  const least = shrinks ? await shrink(seed, steps, failing) : { steps, outcome: failing };
  say(least.outcome.trace.join("\n"));
  say("");
  for (const violation of least.outcome.violations.slice(0, shownViolations)) say(`violated: ${violation}`);
  say(`seed ${seed}, ${least.steps.length} of ${steps.length} steps. Again:`);
  say(`  npm run sim -- --seed ${seed} --keep ${writeSteps(least.steps)}`);
}

const asked = readArguments(process.argv.slice(2), Math.floor(Date.now() / 1_000) % 1_000_000_000);
if ("exitCode" in asked) process.exitCode = asked.exitCode;
else process.exitCode = (await run(asked.request)) ? 0 : 1;

import { type Outcome, simulate } from "./simulate.ts";

/** Runs that a search may cost, and so how long somebody waits for the answer. */
const mostRuns = 250;

/** The kind of a violation: what is left when amounts, ids and times are taken out. */
const kindOf = ({ violations }: Outcome): string | undefined =>
  violations[0]?.replace(/[\d[{"].*$/s, "").slice(0, 40);

/**
 * Leaves out as many steps as it can while the run still fails in the same way. Steps are independent of one another, so that
 * whole stretches can go; what is left is near the shortest story.
 */
export async function shrink(
  seed: number,
  steps: readonly number[],
  failing: Outcome,
): Promise<{ steps: readonly number[]; outcome: Outcome }> {
  let best = { steps, outcome: failing };
  let runs = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = best.steps.length; end > 0 && runs < mostRuns; end -= size) {
      const fewer = [...best.steps.slice(0, Math.max(0, end - size)), ...best.steps.slice(end)];
      const outcome = await simulate(seed, fewer);
      runs += 1;
      if (kindOf(outcome) === kindOf(failing)) best = { steps: fewer, outcome };
    }
  }
  return best;
}

/** `3,17-20`: the steps that are left, as the command line takes them. */
export function writeSteps(steps: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const step of steps) {
    const last = spans.at(-1);
    if (last?.[1] === step - 1) last[1] = step;
    else spans.push([step, step]);
  }
  return spans.map(([from, through]) => (from === through ? `${from}` : `${from}-${through}`)).join(",");
}

/** `undefined` when the text says no steps. */
export function readSteps(text: string): readonly number[] | undefined {
  const spans = text.split(",").map((span) => /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(span));
  if (spans.some((span) => span === null)) return undefined;
  return spans.flatMap((span) => {
    const from = Number(span?.[1]);
    const through = Number(span?.[2] ?? from);
    return Array.from({ length: Math.max(0, through - from + 1) }, (_, index) => from + index);
  });
}

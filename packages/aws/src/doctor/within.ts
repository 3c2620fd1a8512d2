import { UnreadableError } from "@tollhouse/core/doctor/examine";

const linkMs = 10_000;

/**
 * Gives each link ten seconds, and all together so many: what is left then is not begun, so that what was found is told.
 * Work that was begun is left to its own time-outs.
 */
export function boundedBy(allMs: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const endsAtMs = performance.now() + allMs;
  return async (work) => {
    const leftMs = endsAtMs - performance.now();
    if (leftMs <= 0)
      throw new UnreadableError(
        "It was not looked at: the links before it took all the time there is.",
        "Mend what gave no answer, then run doctor again.",
      );
    return within(Math.min(linkMs, leftMs), work());
  };
}

async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new UnreadableError(
            "There was no answer in time.",
            "Run doctor again. If it stays so, AWS or the way there is out of order.",
          ),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

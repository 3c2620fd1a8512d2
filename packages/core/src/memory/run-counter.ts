import type { RunCount, RunCounter } from "../metering/restore.ts";

/** How many runs there were, in memory. */
export function memoryRunCounter(): RunCounter {
  let known: RunCount | undefined;
  return {
    load: () => Promise.resolve(known),
    raise(to) {
      known = known === undefined || known.count < to.count ? to : known;
      return Promise.resolve();
    },
  };
}

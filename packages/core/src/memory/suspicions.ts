import type { Suspicion, Suspicions } from "../reconciliation/suspicion.ts";
import type { Instant } from "../time/instant.ts";

/** What comparisons with AWS saw, in memory. */
export function memorySuspicions(): Suspicions {
  const suspicions = new Map<string, Suspicion>();
  let swept: Instant | undefined;
  return {
    all: () => Promise.resolve([...suspicions.values()].map((each) => ({ ...each }))),
    put(suspicion) {
      suspicions.set(suspicion.id, { ...suspicion });
      return Promise.resolve();
    },
    remove(id) {
      suspicions.delete(id);
      return Promise.resolve();
    },
    lastSweepAt: () => Promise.resolve(swept),
    sweptAt(at) {
      swept = at;
      return Promise.resolve();
    },
  };
}

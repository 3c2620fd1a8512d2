import type { RelayWaker } from "@tollhouse/core/outbox/outbox";

/** A waker that waits for the end of a batch, so that ten messages wake the relay once. */
export interface BatchedWaker extends RelayWaker {
  /** Wakes the relay if anybody asked for it since. */
  flush(): Promise<void>;
}

/** Should the function die before the flush, the schedule wakes the relay within a minute. */
export function batchedWaker(waker: RelayWaker): BatchedWaker {
  let asked = false;
  return {
    wake() {
      asked = true;
      return Promise.resolve();
    },
    async flush() {
      if (!asked) return;
      asked = false;
      await waker.wake();
    },
  };
}

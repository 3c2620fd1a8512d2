import type { Waker } from "@tollhouse/core/outbox/outbox";

/** A waker that waits for the end of a batch, so that ten messages wake a function once. */
export interface BatchedWaker extends Waker {
  /** Wakes it if anybody asked for it since. */
  flush(): Promise<void>;
}

/** Should we die before the flush, the schedule wakes the function within minutes. */
export function batchedWaker(waker: Waker): BatchedWaker {
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

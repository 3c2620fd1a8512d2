import type { SubmitLease } from "../metering/store.ts";
import type { Clock } from "../time/clock.ts";
import { minuteMs, secondMs } from "../time/instant.ts";

/** How long a lease lasts that is not kept; as the one in DynamoDB. */
const leaseMs = minuteMs;
/** AWS counts calls by the second: those of two owners must not fall into one. */
const releasedMs = secondMs;

/** Makes leases of one thing, in memory; each is another owner's. */
export function memoryLease(clock: Clock): () => SubmitLease {
  let taken: { readonly by: symbol; readonly until: number } | undefined;
  return () => {
    const owner = Symbol("owner of the lease");
    const hold = (ms: number, mayTake: (now: number) => boolean) => async () => {
      const now = await clock.now();
      if (taken?.by !== owner && !mayTake(now)) return false;
      taken = { by: owner, until: now + ms };
      return true;
    };
    const letGo = hold(releasedMs, () => false);
    return {
      take: hold(leaseMs, (now) => taken === undefined || taken.until <= now),
      keep: hold(leaseMs, () => false),
      release: async () => {
        await letGo();
      },
    };
  };
}

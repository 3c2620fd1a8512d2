import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { noneSubmitted, type Submitted } from "./outcome.ts";
import type { BookStore, RecordStore, SubmitLease, SwitchStore } from "./store.ts";
import { SubmitRun } from "./submit-run.ts";
import type { Effect, RefusedAs, UsageRecord } from "./usage-record.ts";

/** What AWS Marketplace said to one call. */
export type CallAnswer =
  | { readonly kind: "answered"; readonly answers: readonly RecordAnswer[] }
  /** The call had no effect, because of at least one record in it. */
  | { readonly kind: "refused"; readonly reason: string; readonly isTooLate?: boolean }
  /** Too many calls; none of it was taken. The same is sent again at once, as fast as AWS lets us. */
  | { readonly kind: "throttled" }
  /** Nothing wrong with the records, nor with who sends them. Later. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect }
  /** AWS takes nothing of this product until somebody mends what the reason says; none of it was taken. */
  | { readonly kind: "barred"; readonly reason: string; readonly isOldIdentity?: boolean };

export type RecordAnswer =
  | { readonly status: "success" | "duplicate"; readonly meteringRecordId: string | undefined }
  /** Not taken, and not because of us: it is sent again at once. */
  | { readonly status: "unprocessed" }
  | {
      readonly status: "waiting";
      readonly reason: string;
      readonly effect: Effect;
      readonly refusedAs?: RefusedAs;
    };

/** BatchMeterUsage of AWS Marketplace. */
export interface UsageSubmitter {
  /**
   * Sends records of one product, Region and identity mode in one call; the answers are in the order of the records. Keeps to the
   * calls a second that AWS takes of a seller account, and to fewer after it was throttled.
   */
  submit(records: readonly UsageRecord[]): Promise<CallAnswer>;
}

export interface SubmitPorts {
  readonly records: RecordStore;
  readonly books: Pick<BookStore, "load" | "giveBack">;
  readonly submitter: UsageSubmitter;
  readonly switches: Pick<SwitchStore, "load" | "hold" | "release">;
  readonly lease: SubmitLease;
  readonly clock: Clock;
}

const maxRounds = 1_000;

/**
 * Sends pending records, one product, Region and identity mode a call, the nearest deadlines first, records without units behind
 * all others. One process at a time does, by a lease. A record that spoils its call is found by halving the call. Whatever is not
 * accepted stays pending until its deadline; a product that AWS takes nothing of is held, and leaves the others alone.
 * @param hasTime asked between calls; `false` ends the run, and `isMore` says whether anything is left
 */
export async function submitRecords(
  ports: SubmitPorts,
  configuration: Configuration,
  hasTime: () => boolean = () => true,
): Promise<Submitted> {
  if (!(await ports.lease.take())) return noneSubmitted;
  const run = new SubmitRun(ports, configuration, hasTime);
  try {
    for (let rounds = 0; rounds < maxRounds; rounds += 1) if (!(await run.round())) break;
    return run.submitted;
  } finally {
    // A lease that cannot be given back runs out by itself.
    await ports.lease.release().catch(() => undefined);
  }
}

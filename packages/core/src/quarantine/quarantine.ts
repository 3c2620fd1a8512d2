import type { Instant } from "../time/instant.ts";

/** A message that could not be used, kept whole with the reason, so that it can be mended and replayed. */
export interface QuarantineEntry {
  /** The same message quarantined twice has the same id. */
  readonly id: string;
  readonly quarantinedAt: Instant;
  /** The door it came in by. */
  readonly door: "intake" | "usage" | "entitlement" | "fold";
  /** What is wrong, in a sentence that says what to do. */
  readonly reason: string;
  /** The original, to the byte. */
  readonly body: string;
}

export interface Quarantine {
  /** Stores whole entries, however long; storing one again changes nothing. */
  put(entries: readonly QuarantineEntry[]): Promise<void>;
  get(id: string): Promise<QuarantineEntry | undefined>;
  /** Takes an entry out for good; nothing happens when it is not there. */
  remove(id: string): Promise<void>;
  /**
   * What was quarantined at `until` or before, newest first, without bodies, at most `limit`; the next page begins after the
   * last line of the one before.
   */
  list(until: Instant, limit: number, after?: QuarantineLine): Promise<readonly QuarantineLine[]>;
}

export type QuarantineLine = Omit<QuarantineEntry, "body">;

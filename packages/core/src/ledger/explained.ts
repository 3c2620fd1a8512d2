import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import type { MicroUnits } from "../quantity/micro-units.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { HourShard } from "../usage/shard.ts";
import type { UsageEvent } from "../usage/usage-event.ts";

/**
 * What became of one copy of an event. `counted`: its units went into the book with this fold. `later`: it waited for somebody whom it
 * could be counted for, and was counted then. `waits`: it still does. The others add nothing: a `repeat` of one that was met before, or one
 * with `other-content`, be it only another time, than the copy that counts, here or in an hour around.
 */
export type EventFate = "counted" | "later" | "waits" | "repeat" | "other-content";

export interface ExplainedEvent {
  readonly event: UsageEvent;
  readonly fate: EventFate;
  /** The segment's key. */
  readonly segment: string;
}

/** What a fold made of the events of one book. */
export interface ExplainedFold {
  readonly planId: string;
  /** The license to whose book it posted, before that turned out to be this subscription's. */
  readonly movedFrom?: SubscriptionId | undefined;
  /** `undefined` when the plan is not where it should be. */
  readonly place: HourShard | undefined;
  /** Posted to the book; none when everything waited. */
  readonly units: MicroUnits;
  /** The first of them, in the order in which they lie. */
  readonly events: readonly ExplainedEvent[];
  readonly moreEvents: number;
  /** Of all of them, by what became of them. */
  readonly sums: Readonly<Record<EventFate, MicroUnits>>;
  /** What hinders: segments that are gone or cannot be read, in sentences. */
  readonly problems: readonly string[];
}

/** Units of an hour that another record took, left there (fewer than none) or gave back. */
export interface ExplainedMove {
  readonly how: "taken" | "left" | "given-back";
  /** The other record's hour. */
  readonly hour: UtcHour;
  readonly units: MicroUnits;
  readonly outcome: Outcome["state"];
}

/** An hour of which the record holds units: where all units of the book's hour came from, and where they went. */
export interface ExplainedHour {
  readonly hour: UtcHour;
  /** Taken by the record; fewer than none where it left a fraction there. */
  readonly units: MicroUnits;
  /** Its usage is not kept any more; then nothing below is known. */
  readonly isExpired: boolean;
  readonly folds: readonly ExplainedFold[];
  readonly moves: readonly ExplainedMove[];
  /** Still in the balance. */
  readonly held: MicroUnits;
  /** Came in and went into no record: covered by the contract, or written off. */
  readonly leftOut: MicroUnits;
  /** Went out and nobody can say how it came in. */
  readonly missing: MicroUnits;
}

export interface Explanation {
  readonly record: UsageRecord;
  readonly subscription: Subscription | undefined;
  readonly hours: readonly ExplainedHour[];
  /** Taken from the hours beyond what the record says, or less. */
  readonly difference: MicroUnits;
  /** Whether the record says itself which hours' units it holds; one of an early version does not. */
  readonly namesHours: boolean;
}

import { dayMs, hourMs } from "./calendar.ts";
import type { Random } from "./random.ts";
import type { Fate } from "./scheduler.ts";
import type { WorkerKind } from "./world.ts";

export type Kind =
  | "usage"
  | "fact"
  | "visit"
  | "time"
  | "start"
  | "work"
  | "round"
  | "fault"
  | "crash"
  | "late"
  | "shards"
  | "trouble"
  | "operator";

/**
 * How one seed is. `calm`: nothing goes wrong, usage comes at once, and everybody is at work every few minutes. `steady`: the same, but
 * calls fail. `rough`: anything.
 */
export type Weather = "calm" | "steady" | "rough";

export interface Conditions {
  readonly weather: Weather;
  readonly startsAt: number;
  /** How often what happens; drawn for each seed, so that some runs are busy and some are not. */
  readonly weights: Record<Kind, number>;
  /** Calls that often go wrong: where this seed looks most closely. */
  readonly sore: ReadonlySet<string>;
  /** How likely any call has another fate than it should. */
  readonly roughness: number;
  readonly throttles: number;
  readonly leaves: number;
  readonly identicalResend: "success" | "duplicate";
  /** How likely a received message stays visible. */
  readonly slips: number;
  /** How likely the bus refuses an event. */
  readonly refuses: number;
}

/** Calls after which the world is another. */
export const effects = [
  "aws.submit",
  "books.change",
  "books.giveBack",
  "books.move",
  "books.post",
  "books.seal",
  "books.sealZero",
  "bus.publish",
  "folds.close",
  "folds.open",
  "lease.keep",
  "lease.take",
  "lifecycle.commit",
  "lifecycle.storeEntitlements",
  "outbox.done",
  "quarantine.put",
  "records.conclude",
  "records.countAttempt",
  "records.hasten",
  "records.prolong",
  "records.postpone",
  "switches.hold",
  "switches.release",
  "usageLog.putMarks",
  "usageLog.putSegments",
  "usageLog.removeMark",
  "waiting.put",
  "waiting.settle",
];

export const faults: readonly [Fate, ...Fate[]] = [
  "fails-before",
  "fails-after",
  "fails-after",
  "fails-late",
  "fails-midway",
  "lags",
];

export const startWeights: Record<WorkerKind, number> = {
  ingest: 4,
  intake: 4,
  relay: 2,
  entitlement: 1,
  attribute: 2,
  schedule: 3,
  meter: 3,
  fold: 6,
  submit: 2,
};

/** In the middle of a month, and shortly before ends of months, of which AWS takes usage for six hours more. */
const starts = [
  "2026-08-20T12:00:00Z",
  "2026-08-31T18:30:00Z",
  "2026-12-31T22:59:30Z",
  "2027-02-28T12:00:00Z",
] as const;

export function drawConditions(random: Random): Conditions {
  const weather = random.pick<Weather>(["rough", "rough", "rough", "rough", "calm", "steady"]);
  const startsAt = Date.parse(random.pick(starts)) + random.below(hourMs);
  const isRough = weather === "rough";
  const faulty = isRough ? random.pick([0, 1, 1, 3]) : 0;
  const weights = {
    usage: random.between(4, 16),
    fact: random.between(1, 4),
    visit: random.between(1, 3),
    time: isRough ? random.between(2, 9) : random.between(2, 4),
    start: isRough ? random.between(8, 24) : 0,
    work: isRough ? random.between(20, 80) : 0,
    round: isRough ? random.between(2, 10) : 0,
    fault: faulty * random.between(2, 10),
    crash: faulty * random.between(0, 4),
    late: faulty * random.between(1, 4),
    shards: random.pick([0, 1]),
    trouble: isRough ? random.pick([0, 1, 3]) : 0,
    operator: isRough ? random.pick([0, 1, 2]) : 0,
  };
  const sores = faulty === 0 ? 0 : random.between(0, 9);
  // The one call that costs money when its answer is lost.
  const sore = sores === 0 ? [] : ["aws.submit", ...random.shuffled(effects).slice(0, sores)];
  const roughness = { calm: 0, steady: 0.01, rough: faulty === 0 ? 0 : random.pick([0, 0.01, 0.05]) };
  const isCalm = weather === "calm";
  return {
    ...{ weather, startsAt, weights, sore: new Set(sore), roughness: roughness[weather] },
    throttles: isCalm ? 0 : random.pick([0, 0.1, 0.5]),
    leaves: isCalm ? 0 : random.pick([0, 0.05, 0.3]),
    identicalResend: random.pick(["success", "duplicate", "duplicate"]),
    slips: isCalm ? 0 : random.pick([0, 0.1]),
    refuses: isCalm ? 0 : random.pick([0, 0.2]),
  };
}

/** Contracts began up to so long before. */
export const pastMs = 30 * hourMs;
export const someday = Date.UTC(2040, 0, 1);
/** So long usage of any kind may go on to be sealed, sent and given up when everything else is over. */
export const restMs = 2 * dayMs;

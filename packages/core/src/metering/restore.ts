import type { Product } from "../configuration/configuration.ts";
import { meteredDimensions } from "../configuration/product.ts";
import type { Clock } from "../time/clock.ts";
import { formatInstant, type Instant } from "../time/instant.ts";
import { formatHour, hourOf, type UtcHour } from "../time/utc-hour.ts";

/** How many runs of the meter there were, and when the last one began. */
export interface RunCount {
  readonly count: number;
  readonly at: Instant;
}

/** Keeps the count in one place. */
export interface RunCounter {
  /** Consistent; `undefined` before the first run. */
  load(): Promise<RunCount | undefined>;
  /** Only forward: a higher count that somebody else noted stays. */
  raise(to: RunCount): Promise<void>;
}

/** Of the table of the books, and of another that nobody restores along with it without knowing. */
export interface RunReads {
  readonly runs: Pick<RunCounter, "load">;
  readonly runWitness: Pick<RunCounter, "load">;
}

export interface RunPorts {
  readonly runs: RunCounter;
  readonly runWitness: RunCounter;
  readonly clock: Clock;
}

/** The books are older than what was sent from them. */
export interface Restored {
  readonly ours: RunCount | undefined;
  readonly witnessed: RunCount;
}

/**
 * Whether the books were restored from a backup: then what was sealed and sent since is not in them, and would be sealed and sent
 * again under another hour, and so be billed twice. The books' count is always raised first, so it is never behind in any other way.
 */
export async function findRestored({ runs, runWitness }: RunReads): Promise<Restored | undefined> {
  // First the witness: a run that begins in between only raises the other.
  const witnessed = await runWitness.load();
  const ours = await runs.load();
  return witnessed !== undefined && (ours?.count ?? 0) < witnessed.count ? { ours, witnessed } : undefined;
}

/** What it means, and where to read what to do. */
export function restoredSentence({ ours, witnessed }: Restored): string {
  const since = ours === undefined ? "" : ` from ${formatInstant(ours.at)}`;
  return (
    `the Metering table is a backup${since}, and the meter last ran at ${formatInstant(witnessed.at)}: nothing is sealed or sent, so that nothing is billed twice. ` +
    "See docs/operations.md, Restoring a table"
  );
}

/** The meter seals and sends nothing. */
class RestoredError extends Error {
  readonly code = "books-restored";
  readonly retryable = true;
  constructor(restored: Restored) {
    super(restoredSentence(restored));
  }
}

/** Notes that a run begins. @throws RestoredError when the books are older than what was sent from them */
export async function beginRun(ports: RunPorts): Promise<void> {
  const restored = await findRestored(ports);
  if (restored !== undefined) throw new RestoredError(restored);
  const ours = await ports.runs.load();
  const next = { count: (ours?.count ?? 0) + 1, at: await ports.clock.now() };
  await ports.runs.raise(next);
  await ports.runWitness.raise(next);
}

/**
 * Products of which usage may be sent again that AWS was sent already: they begin no later than the hour in which usage was last
 * sealed. Everything before `startAt` is written off and never sent, so a later one makes restored books safe.
 */
export const billableTwice = (products: readonly Product[], { witnessed }: Restored): readonly Product[] =>
  products.filter(
    (product) =>
      product.metering === "live" &&
      meteredDimensions(product).length > 0 &&
      (product.startAt === undefined || product.startAt <= hourOf(witnessed.at)),
  );

/** The first hour from which restored books may be metered. */
export const safeStart = ({ witnessed }: Restored): string =>
  formatHour((hourOf(witnessed.at) + 1) as UtcHour);

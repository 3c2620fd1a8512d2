import type { Configuration, Product } from "../configuration/configuration.ts";
import { meteredDimensions } from "../configuration/product.ts";
import type { Clock } from "../time/clock.ts";
import { formatInstant, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { formatHour, hourOf, hoursLater, type UtcHour } from "../time/utc-hour.ts";

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

/** A run may take so long, and in the final hour of a buyer seal an hour that began meanwhile. */
const runMinutes = 10;
const lastSealable = ({ witnessed }: Restored): UtcHour =>
  hourOf(laterBy(witnessed.at, runMinutes * minuteMs));

/**
 * Products of which usage may be sent again that AWS was sent already: they begin no later than the last hour that can have been
 * sealed. Everything before `startAt` is written off and never sent, so a later one makes restored books safe.
 */
export const billableTwice = (products: readonly Product[], restored: Restored): readonly Product[] =>
  products.filter(
    (product) =>
      product.metering === "live" &&
      meteredDimensions(product).length > 0 &&
      (product.startAt === undefined || product.startAt <= lastSealable(restored)),
  );

/** What it means, and what to do. */
export function restoredSentence(products: readonly Product[], restored: Restored): string {
  const { ours, witnessed } = restored;
  const since = ours === undefined ? "" : ` from ${formatInstant(ours.at)}`;
  const what = `the Metering table is a backup${since}, and the meter last ran at ${formatInstant(witnessed.at)}`;
  const titles = billableTwice(products, restored).map(({ title }) => title);
  if (titles.length === 0)
    return `${what}: metering goes on from each product's startAt; what was used before it and is not with AWS yet is written off as before-start`;
  const startAt = formatHour(hoursLater(lastSealable(restored), 1));
  return (
    `${what}: nothing is sealed or sent, so that nothing is billed twice. Set startAt: "${startAt}" or later for ${titles.join(", ")} in ` +
    "tollhouse.config.ts and deploy: docs/operations.md, Restoring a table"
  );
}

/** The meter seals and sends nothing. */
export class RestoredError extends Error {
  readonly code = "books-restored";
  readonly retryable = true;
}

/**
 * Notes that a run begins. With books that were restored it goes on once nothing can be billed twice, by the configuration that runs.
 * @returns what people should know then
 * @throws RestoredError while something could be
 */
export async function beginRun(
  ports: RunPorts,
  { products }: Pick<Configuration, "products">,
): Promise<string | undefined> {
  const restored = await findRestored(ports);
  const sentence = restored && restoredSentence(products, restored);
  if (restored !== undefined && billableTwice(products, restored).length > 0)
    throw new RestoredError(sentence);
  await countRun(ports, restored?.witnessed.count);
  return sentence;
}

/** Raises both counts, the books' first. Called once more when a run ends, so that a backup from within it is noticed too. */
export async function countRun({ runs, runWitness, clock }: RunPorts, least = 0): Promise<void> {
  const ours = await runs.load();
  const next = { count: Math.max(ours?.count ?? 0, least) + 1, at: await clock.now() };
  await runs.raise(next);
  await runWitness.raise(next);
}

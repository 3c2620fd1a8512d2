import type { HourRange } from "../metering/balance.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { Book } from "../metering/book.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { add, type MicroUnits, subtract, total, wholeUnits, zeroUnits } from "../quantity/micro-units.ts";
import { type UtcHour } from "../time/utc-hour.ts";
import { type HourShard, shardCount } from "../usage/shard.ts";
import type { BookHistory, FoldPosting } from "./book-history.ts";
import { explainFold, type FoldEvidence, type Sought } from "./explain-fold.ts";
import type { ExplainedFold, ExplainedHour, ExplainedMove } from "./explained.ts";

export type HourEvidence = FoldEvidence & { readonly history: BookHistory };

export type LicensePosting = FoldPosting & { readonly movedFrom: SubscriptionId };

/** What was read of an hour before its folds are looked into. */
export interface HourAccount {
  readonly hour: UtcHour;
  readonly units: MicroUnits;
  readonly postings: readonly FoldPosting[];
  /** To books of licenses that belong to the subscription; what they held is moved to its own when that is known. */
  readonly licensePostings: readonly LicensePosting[];
  readonly moves: readonly ExplainedMove[];
}

/** What other records did to the hours of one, read once over the book's records. */
export function movesOf(
  other: UsageRecord,
  hours: ReadonlySet<UtcHour>,
): readonly [UtcHour, ExplainedMove][] {
  const { hour, outcome, entry } = other;
  const moves = takenBy(other)
    .filter((taken) => hours.has(taken.hour))
    .map(({ hour: of, units }): [UtcHour, ExplainedMove] => [
      of,
      { how: units < 0n ? "left" : "taken", hour, units, outcome: outcome.state },
    ]);
  if (outcome.state !== "returned" || !hours.has(hour)) return moves;
  const back = {
    how: "given-back",
    hour,
    units: wholeUnits(entry.quantity),
    outcome: outcome.state,
  } as const;
  return [...moves, [hour, back]];
}

/** Which hours' units a record holds. One that does not say so is taken to hold its own hour's. */
export const takenBy = ({ taken, entry, hour }: UsageRecord): UsageRecord["taken"] =>
  taken.length > 0 || entry.quantity === 0n ? taken : [{ hour, units: wholeUnits(entry.quantity) }];

/** Heads of hour-shards looked at at once. */
const headsAtOnce = 16;

/** Where all units of a book's hour came from, and where they went. */
export async function explainHour(
  evidence: HourEvidence,
  sought: Sought,
  book: Book,
  { hour, units, postings: own, licensePostings, moves }: HourAccount,
): Promise<ExplainedHour> {
  const held = total(book.balance.get(hour)?.values() ?? []);
  const taken = (how: ExplainedMove["how"]) =>
    total(moves.filter((move) => move.how === how).map((move) => move.units));
  const out = total([units, taken("taken"), taken("left"), held]);
  const ownUnits = unitsIn(own);
  const isLacking = subtract(out, add(ownUnits, taken("given-back"))) > 0n;
  const postings: readonly (FoldPosting | LicensePosting)[] = isLacking ? [...own, ...licensePostings] : own;
  const posted = unitsIn(postings);
  const folds = await explainFolds(
    evidence,
    sought,
    { hour, postings },
    subtract(out, add(posted, taken("given-back"))),
  );
  const later = total(folds.map(({ sums }) => sums.later));
  const rest = subtract(total([posted, later, taken("given-back")]), out);
  return {
    ...{ hour, units, isExpired: false, folds, moves, held },
    leftOut: rest > 0n ? rest : zeroUnits,
    missing: rest < 0n ? subtract(zeroUnits, rest) : zeroUnits,
  };
}

const unitsIn = (postings: readonly FoldPosting[]): MicroUnits =>
  total(postings.map(({ amounts }) => total(amounts.values())));

/** Of each fold that posted to the book; and, while units lack that came some other way, of those whose events waited. */
async function explainFolds(
  evidence: HourEvidence,
  sought: Sought,
  {
    hour,
    postings,
  }: { readonly hour: UtcHour; readonly postings: readonly (FoldPosting | LicensePosting)[] },
  lacking: MicroUnits,
): Promise<readonly ExplainedFold[]> {
  const wanted = new Map(postings.map((posting) => [posting.planId, posting]));
  const explained = new Map<string, ExplainedFold>();
  const others: { place: HourShard; planId: string }[] = [];
  for await (const found of plansOf(evidence, sought, hour)) {
    const posting = wanted.get(found.planId);
    if (posting === undefined) others.push(found);
    else explained.set(posting.planId, await explain(evidence, sought, found, posting));
    if (lacking <= 0n && explained.size === wanted.size) break;
  }
  let left = subtract(lacking, total([...explained.values()].map(({ sums }) => sums.later)));
  const waited: ExplainedFold[] = [];
  for (const other of others) {
    if (left <= 0n) break;
    const fold = await explainWaiting(evidence, sought, other);
    if (fold === undefined) continue;
    waited.push(fold);
    left = subtract(left, fold.sums.later);
  }
  return [...postings.map((posting) => explained.get(posting.planId) ?? unexplained(posting)), ...waited];
}

async function* plansOf(
  { folds }: HourEvidence,
  { shards }: Sought,
  hour: UtcHour,
): AsyncGenerator<{ place: HourShard; planId: string }> {
  const count = shardCount(shards, hour);
  for (let start = 0; start < count; start += headsAtOnce) {
    const places = Array.from({ length: Math.min(headsAtOnce, count - start) }, (_, index) => ({
      hour,
      shard: start + index,
    }));
    const heads = await Promise.all(places.map((place) => folds.head(place)));
    for (const [index, place] of places.entries())
      for (const planId of heads[index]?.planIds ?? []) yield { place, planId };
  }
}

async function explain(
  evidence: HourEvidence,
  sought: Sought,
  { place, planId }: { place: HourShard; planId: string },
  posting: FoldPosting | LicensePosting,
): Promise<ExplainedFold> {
  const plan = await evidence.history.plan(place, planId);
  if (plan === undefined) return unexplained(posting);
  const units = total(posting.amounts.values());
  const fold = await explainFold(evidence, sought, { ...place, id: planId, ...plan }, units);
  return "movedFrom" in posting ? { ...fold, movedFrom: posting.movedFrom } : fold;
}

async function explainWaiting(
  evidence: HourEvidence,
  sought: Sought,
  { place, planId }: { place: HourShard; planId: string },
): Promise<ExplainedFold | undefined> {
  const plan = await evidence.history.plan(place, planId);
  const waits = plan?.postings.some(
    (posting) => "waiting" in posting && sought.names.has(posting.waiting.subject),
  );
  if (plan === undefined || waits !== true) return undefined;
  return explainFold(evidence, sought, { ...place, id: planId, ...plan }, zeroUnits);
}

const unexplained = ({ planId, amounts }: FoldPosting): ExplainedFold => ({
  ...{ planId, place: undefined, units: total(amounts.values()), events: [], moreEvents: 0 },
  sums: {
    ...{ counted: zeroUnits, later: zeroUnits, waits: zeroUnits },
    ...{ repeat: zeroUnits, "other-content": zeroUnits },
  },
  problems: ["The fold's plan is gone."],
});

/** Within which records may hold units of some hours: what is left of a grant goes into an earlier hour of its month. */
export const recordsAround = (hours: readonly UtcHour[], now: UtcHour): HourRange => ({
  from: (Math.min(...hours) - 31 * 24) as UtcHour,
  through: Math.max(now, ...hours) as UtcHour,
});

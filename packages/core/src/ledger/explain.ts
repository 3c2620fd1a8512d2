import type { Configuration } from "../configuration/configuration.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { attributor, type SubscriptionReader } from "../metering/attribute.ts";
import type { BookStore } from "../metering/store.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { namesOf } from "../metering/waiting.ts";
import { subtract, total, wholeUnits, zeroUnits } from "../quantity/micro-units.ts";
import { dayMs, type Instant } from "../time/instant.ts";
import { hourEnd, hourOf, type UtcHour } from "../time/utc-hour.ts";
import { keepUsageDays } from "../usage/retention.ts";
import type { Sought } from "./explain-fold.ts";
import {
  explainHour,
  type HourAccount,
  type HourEvidence,
  type LicensePosting,
  movesOf,
  recordsAround,
  takenBy,
} from "./explain-hour.ts";
import type { ExplainedHour, Explanation } from "./explained.ts";
import type { RecordPlace } from "./record-name.ts";

export type ExplainPorts = HourEvidence & {
  readonly books: Pick<BookStore, "load">;
  readonly subscriptions: SubscriptionReader &
    Pick<LifecycleStore, "loadSubscription" | "loadCustomer" | "currentSubscription">;
};

export interface ExplainRequest {
  readonly now: Instant;
  /** By which usage lies in the log. */
  readonly shards: Sought["shards"];
  /** Events named of each fold. */
  readonly limit: number;
  /** Told what is looked at, an hour at a time. */
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Takes a usage record down to the events behind it: the hours whose units it holds, of each what folds counted and what came and went
 * otherwise, and of each fold the events. `undefined` when there is no such record.
 */
export async function explainRecord(
  ports: ExplainPorts,
  configuration: Configuration,
  { key, hour }: RecordPlace,
  { now, shards, limit, onProgress = () => undefined }: ExplainRequest,
): Promise<Explanation | undefined> {
  const record = await recordAt(ports, { key, hour });
  if (record === undefined) return undefined;
  const accounts = await accountsOf(ports, record, now);
  const book = await ports.books.load(key);
  const sought: Sought = {
    ...{ key, shards, limit },
    names: await namesOf(ports, key.subscriptionId),
    attribute: attributor(ports.subscriptions, configuration),
  };
  const hours: ExplainedHour[] = [];
  for (const [index, account] of accounts.entries()) {
    onProgress(index, accounts.length);
    hours.push(
      isExpired(account.hour, now) ? expired(account) : await explainHour(ports, sought, book, account),
    );
  }
  return {
    ...{ record, hours, namesHours: record.taken.length > 0 || record.entry.quantity === 0n },
    subscription: await ports.subscriptions.currentSubscription(key.subscriptionId),
    difference: subtract(total(hours.map(({ units }) => units)), wholeUnits(record.entry.quantity)),
  };
}

async function recordAt(
  { history }: ExplainPorts,
  { key, hour }: RecordPlace,
): Promise<UsageRecord | undefined> {
  for await (const record of history.records(key, { from: hour, through: hour })) return record;
  return undefined;
}

const isExpired = (hour: UtcHour, now: Instant): boolean => hourEnd(hour) <= now - keepUsageDays * dayMs;

/** What is known of each of its hours from the book: one look at its records and one at its postings, however many hours there are. */
async function accountsOf(
  { history, subscriptions }: ExplainPorts,
  record: UsageRecord,
  now: Instant,
): Promise<readonly HourAccount[]> {
  const key = { subscriptionId: record.subscriptionId, dimension: record.dimension };
  const taken = takenBy(record);
  const accounts = new Map(
    taken.map(({ hour, units }) => [
      hour,
      {
        hour,
        units,
        postings: [] as HourAccount["postings"][number][],
        licensePostings: [] as LicensePosting[],
        moves: [] as HourAccount["moves"][number][],
      },
    ]),
  );
  const kept = [...accounts.keys()].filter((hour) => !isExpired(hour, now));
  if (kept.length === 0) return [...accounts.values()];
  const hours = new Set(kept);
  for await (const other of history.records(key, recordsAround([...kept, record.hour], hourOf(now)))) {
    const moves = movesOf(other, hours);
    for (const [hour, move] of moves)
      if (other.hour !== record.hour || move.how === "given-back") accounts.get(hour)?.moves.push(move);
  }
  const range = { from: Math.min(...kept) as UtcHour, through: Math.max(...kept) as UtcHour };
  for await (const posting of history.postings(key, range))
    accounts.get(posting.hour)?.postings.push(posting);
  const { links } = await subscriptions.loadSubscription(key.subscriptionId);
  for (const movedFrom of links.licenseIds.filter((id) => id !== key.subscriptionId))
    for await (const posting of history.postings({ ...key, subscriptionId: movedFrom }, range))
      accounts.get(posting.hour)?.licensePostings.push({ ...posting, movedFrom });
  return [...accounts.values()];
}

const expired = ({ hour, units }: HourAccount): ExplainedHour => ({
  ...{ hour, units, isExpired: true, folds: [], moves: [] },
  ...{ held: zeroUnits, leftOut: zeroUnits, missing: zeroUnits },
});

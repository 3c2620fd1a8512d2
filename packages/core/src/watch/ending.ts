import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, meteredDimensions } from "../configuration/product.ts";
import { type AheadPorts, sealableNow } from "../ledger/look-ahead.ts";
import { finalDeadline, grantPeriods, type SubscriptionId } from "../lifecycle/subscription.ts";
import { type HourRange, wholeUnitsIn } from "../metering/balance.ts";
import type { Sealable } from "../metering/seal-hours.ts";
import type { RecordStore } from "../metering/store.ts";
import { grantHours } from "../metering/usage-record.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Instant } from "../time/instant.ts";
import type { Ending } from "./sight.ts";

export type EndingPorts = AheadPorts & {
  readonly outbox: Pick<Outbox, "undone">;
  readonly records: Pick<RecordStore, "recordsOf">;
};

export interface Limits {
  readonly now: Instant;
  readonly hasTime: () => boolean;
}

/** Entries of the outbox looked through, and grants looked at; a few reads each. */
const mostEntries = 1_000;
const mostEndings = 200;
/** Records of a book in which one of the last hour would still be found. */
const recordsPerBook = 50;

/** Every grant in its final hour: an entry of the outbox waits for the end of each. */
export async function findEndings(
  ports: EndingPorts,
  configuration: Configuration,
  { now, hasTime }: Limits,
): Promise<{ readonly endings: readonly Ending[]; readonly unseen: readonly string[] }> {
  const due = await ports.outbox.undone(finalDeadline(now), mostEntries);
  const windows = due.flatMap(({ task }) => (task.kind === "elapse-window" ? [task] : []));
  const sealable = await sealableNow(ports, configuration, now);
  const endings: Ending[] = [];
  for (const { subscriptionId, deadlineAt } of windows.slice(0, mostEndings)) {
    if (!hasTime()) return { endings, unseen: ["time ran out before all final hours were looked at"] };
    const ending = await look(ports, configuration, sealable, { subscriptionId, deadlineAt });
    if (ending !== undefined) endings.push(ending);
  }
  if (due.length < mostEntries && windows.length <= mostEndings) return { endings, unseen: [] };
  return { endings, unseen: [`there are more final hours than the ${mostEndings} that were looked at`] };
}

/** `undefined` when it does not end at that instant any more, or nothing of it is sent. */
async function look(
  ports: EndingPorts,
  configuration: Configuration,
  sealable: Sealable,
  { subscriptionId, deadlineAt }: { readonly subscriptionId: SubscriptionId; readonly deadlineAt: Instant },
): Promise<Ending | undefined> {
  const subscription = await ports.subscriptions.currentSubscription(subscriptionId);
  if (subscription === undefined) return undefined;
  const product = findProduct(configuration, subscription.productCode);
  if (product === undefined || product.metering === "dry-run") return undefined;
  const period = grantPeriods(subscription).find(
    ({ cutAt: cut }) => cut !== undefined && finalDeadline(cut) === deadlineAt,
  );
  if (period?.cutAt === undefined) return undefined;
  const isSettled = await sealable.isFinal(period.cutAt);
  const { first: from, last: through } = grantHours(period);
  const range = { from, through };
  const isDone =
    isSettled && !(await isAnythingLeft(ports, subscriptionId, meteredDimensions(product), range));
  return { subscriptionId, cutAt: period.cutAt, isDone };
}

async function isAnythingLeft(
  { books, records }: EndingPorts,
  subscriptionId: SubscriptionId,
  dimensions: readonly string[],
  range: HourRange,
): Promise<boolean> {
  for (const dimension of dimensions) {
    const key = { subscriptionId, dimension };
    const { balance } = await books.load(key);
    if (wholeUnitsIn(balance, range) > 0n) return true;
    const latest = await records.recordsOf(key, recordsPerBook);
    if (
      latest.some(
        ({ hour, entry, outcome }) =>
          hour <= range.through && entry.quantity > 0n && outcome.state === "pending",
      )
    )
      return true;
  }
  return false;
}

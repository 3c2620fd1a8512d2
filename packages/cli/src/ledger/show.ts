import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct, isMetered } from "@tollhouse/core/configuration/product";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { nameRecord } from "@tollhouse/core/ledger/record-name";
import { allowanceOf } from "@tollhouse/core/metering/allowance";
import { heldIn } from "@tollhouse/core/metering/balance";
import type { Book } from "@tollhouse/core/metering/book";
import type { WaitingUsage } from "@tollhouse/core/metering/store";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { namesOf } from "@tollhouse/core/metering/waiting";
import { formatQuantity, total } from "@tollhouse/core/quantity/micro-units";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import type { MeteringSource } from "../source.ts";
import { subscriptionsNamed } from "../subscription/find.ts";
import { tagPhrase, tagsOf } from "../usage/tag-phrase.ts";
import { waitingSubjects } from "../usage/waiting-subject.ts";
import { ledgerText } from "./show-text.ts";
import type { BalanceLine, ShownBook, ShownLedger, ShownRecord, ShownTerm } from "./shown.ts";

type Reads = Pick<MeteringSource, "store" | "books" | "records" | "waiting" | "configuration">;

/** @throws CommandError when nothing is known by that name */
export async function showLedger(
  source: Reads,
  name: string,
  limit: number,
): Promise<Answer<{ readonly ledgers: readonly ShownLedger[] }>> {
  const ledgers: ShownLedger[] = [];
  for (const id of await subscriptionsNamed(source, name)) {
    const subscription = await source.store.holderOf(id);
    if (subscription === undefined) throw unknownSubscription(id);
    ledgers.push(await read(source, id, subscription, limit));
  }
  return {
    data: { ledgers },
    text: (data, view) =>
      data.ledgers
        .map((each) => ledgerText(each, source.configuration, limit, view))
        .join(`\n\n${view.paint.quiet("─".repeat(Math.min(view.width, 80)))}\n\n`),
  };
}

const unknownSubscription = (id: SubscriptionId): CommandError =>
  new CommandError(
    "not-found",
    `There is no subscription ${id}. Give an id of \`tollhouse subscriptions list\`, a license ARN or a customer id; ` +
      `usage of names that nobody knows is in \`tollhouse usage unattributed\`.`,
  );

async function read(
  source: Reads,
  askedFor: SubscriptionId,
  subscription: Subscription,
  limit: number,
): Promise<ShownLedger> {
  const { id, productCode, grant } = subscription;
  const books = await Promise.all(
    dimensionsOf(source.configuration, productCode).map((dimension) =>
      readBook(source, subscription, dimension, limit),
    ),
  );
  const waits = await waitsFor(source, id, limit + 1);
  return {
    ...{ subscriptionId: id, productCode, grant },
    ...(askedFor !== id && { askedFor }),
    books: books.filter((book) => book !== undefined),
    waiting: waitingSubjects(waits.slice(0, limit), source.configuration.settings),
    moreWaits: waits.length > limit,
  };
}

const dimensionsOf = (configuration: Configuration, productCode: string): readonly string[] => {
  const product = findProduct(configuration, productCode);
  return (product?.dimensions ?? [])
    .map(({ key }) => key)
    .filter((key) => product !== undefined && isMetered(product, key));
};

/** `undefined` when nothing was ever booked. */
async function readBook(
  source: Reads,
  subscription: Subscription,
  dimension: string,
  limit: number,
): Promise<ShownBook | undefined> {
  const key = { subscriptionId: subscription.id, dimension };
  const book = await source.books.load(key);
  if (book.version === 0) return undefined;
  const found = await source.records.recordsOf(key, limit + 1);
  const held = heldIn(book.balance);
  const unbillable = total(book.unbillable.values());
  return {
    dimension,
    counted: formatQuantity(book.counted),
    balance: formatQuantity(held),
    recorded: formatQuantity(book.recorded),
    covered: formatQuantity(book.covered),
    terms: await termsOf(source, subscription, book),
    unbillable: {
      all: formatQuantity(unbillable),
      ...Object.fromEntries([...book.unbillable].map(([reason, units]) => [reason, formatQuantity(units)])),
    },
    isClosed: book.isClosed,
    balanced: book.counted === total([held, book.recorded, book.covered, unbillable]),
    balanceLines: balanceLines(book),
    records: found.slice(0, limit).map(shownRecord),
    moreRecords: found.length > limit,
  };
}

async function termsOf(
  { store, configuration }: Reads,
  subscription: Subscription,
  { key, terms }: Book,
): Promise<readonly ShownTerm[]> {
  if (terms.length === 0) return [];
  const product = findProduct(configuration, subscription.productCode);
  const snapshot = await store.loadEntitlements(subscription.id);
  const known = product && allowanceOf(product, key.dimension, subscription, snapshot)?.terms;
  return terms.map(({ since, covered }) => {
    const quantity = known?.find((term) => term.since === since)?.quantity;
    return {
      since,
      covered: formatQuantity(covered),
      ...(quantity !== undefined && { includes: formatQuantity(quantity) }),
    };
  });
}

/** Oldest hour first, untagged before tagged. */
const balanceLines = ({ balance }: Book): readonly BalanceLine[] =>
  [...balance]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([hour, amounts]) =>
      [...amounts]
        .toSorted(([a], [b]) => (tagPhrase(a) < tagPhrase(b) ? -1 : 1))
        .map(([tagSet, amount]) => ({
          hour: formatHour(hour),
          tags: tagsOf(tagSet) ?? {},
          units: formatQuantity(amount),
        })),
    );

function shownRecord(record: UsageRecord): ShownRecord {
  const { subscriptionId, dimension, hour, entry, outcome, deadlineAt, attempts } = record;
  const meteringRecordId = "meteringRecordId" in outcome ? outcome.meteringRecordId : undefined;
  const refusal = "refusal" in outcome ? outcome.refusal : undefined;
  const triedAt = outcome.state === "pending" ? outcome.triedAt : undefined;
  return {
    name: nameRecord({ key: { subscriptionId, dimension }, hour }),
    hour: formatHour(hour),
    quantity: entry.quantity.toString(),
    allocations: entry.allocations.length,
    outcome: outcome.state,
    ...(outcome.state !== "pending" && { outcomeAt: outcome.at }),
    ...(meteringRecordId !== undefined && { meteringRecordId }),
    ...{ deadlineAt, attempts },
    ...(refusal !== undefined && { refusal }),
    ...(triedAt !== undefined && { triedAt }),
  };
}

async function waitsFor(source: Reads, id: SubscriptionId, limit: number): Promise<readonly WaitingUsage[]> {
  const found: WaitingUsage[] = [];
  for (const name of await namesOf({ subscriptions: source.store }, id)) {
    if (found.length === limit) break;
    found.push(...(await source.waiting.under(name, limit - found.length)));
  }
  return found;
}

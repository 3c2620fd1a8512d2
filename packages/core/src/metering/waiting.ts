import type { Configuration } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { licenseIdOf } from "../lifecycle/license.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { add, type MicroUnits, total, zeroUnits } from "../quantity/micro-units.ts";
import type { Clock } from "../time/clock.ts";
import { dayMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { packSegments, unpackSegment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";
import type { TagSet, UsageEvent } from "../usage/usage-event.ts";
import { type Attributor, attributor, type SubscriptionReader, type WaitingReason } from "./attribute.ts";
import type { Amounts } from "./balance.ts";
import { type BookKey, bookName, post } from "./book.ts";
import type { BookStore, WaitingOutcome, WaitingStore, WaitingUsage } from "./store.ts";

export interface WaitingPorts {
  readonly waiting: WaitingStore;
  readonly books: Pick<BookStore, "load">;
  readonly subscriptions: SubscriptionReader & Pick<LifecycleStore, "loadSubscription" | "loadCustomer">;
  readonly clock: Clock;
}

/** What a look at waiting usage came to, in events. */
export interface Looked {
  readonly countedEvents: number;
  /** Given up: nobody was found for it in all the time that usage is accepted. */
  readonly unbillableEvents: number;
  /** What could not be looked at, in sentences. */
  readonly problems: readonly string[];
}

export const nothingLooked: Looked = { countedEvents: 0, unbillableEvents: 0, problems: [] };
const addLooked = (a: Looked, b: Looked): Looked => ({
  countedEvents: a.countedEvents + b.countedEvents,
  unbillableEvents: a.unbillableEvents + b.unbillableEvents,
  problems: [...a.problems, ...b.problems],
});

/** All spellings of a license wait in one place. */
const subjectName = (subject: string): string => licenseIdOf(subject) ?? subject;

/**
 * Events of one hour-shard that cannot be counted, as they are kept: by subject, in pieces that each fit an item.
 * @param planId the fold that met them; their names are made of it
 */
export function waitingUsage(
  place: HourShard,
  planId: string,
  events: readonly { readonly event: UsageEvent; readonly reason: WaitingReason }[],
  now: Instant,
): readonly WaitingUsage[] {
  const bySubject = [...Map.groupBy(events, ({ event }) => subjectName(event.subject))];
  return bySubject.flatMap(([subject, members]) => {
    const reason = members[0]?.reason ?? "subject-unknown";
    const segments = packSegments(
      place,
      members.map(({ event }) => event),
      planId,
    );
    return segments.map((segment) => ({
      subject,
      id: segment.id,
      version: 1,
      reason,
      units: unitsOf(unpackSegment(segment)),
      events: segment,
      since: now,
      lookAt: nextLook(now, now),
    }));
  });
}

const unitsOf = (events: readonly UsageEvent[]) => total(events.map(({ quantity }) => quantity));

/**
 * Usage that came a moment before its subscription is looked at again within minutes, should whoever was to ask for it have missed
 * it; what has waited for days, a few times a day.
 */
function nextLook(since: Instant, now: Instant): Instant {
  const age = Math.min(Math.max(now - since, leastPauseMinutes * minuteMs), mostPauseMinutes * minuteMs);
  return laterBy(now, age);
}

const leastPauseMinutes = 5;
const mostPauseMinutes = 360;

/** Pieces of usage that one run looks at again, and how many are read at once. */
const looksPerRun = 1_000;
const looksAtOnce = 20;

/** Looks again at usage whose time has come, although nobody asked for it. */
export async function sweepWaiting(ports: WaitingPorts, configuration: Configuration): Promise<Looked> {
  const now = await ports.clock.now();
  let looked = nothingLooked;
  for (let count = 0; count < looksPerRun; count += looksAtOnce) {
    const found = await ports.waiting.due(now, looksAtOnce);
    const more = await lookAgain(ports, configuration, found);
    looked = addLooked(looked, more);
    if (found.length < looksAtOnce) break;
  }
  return looked;
}

/** Read under one subject at once, and how often. */
const usagePerPage = 100;
const maxPages = 100;

/** Looks again at all usage whose subject can mean a subscription, because something about it has changed. */
export async function attributeWaiting(
  ports: WaitingPorts,
  configuration: Configuration,
  id: SubscriptionId,
): Promise<Looked> {
  let looked = nothingLooked;
  for (const subject of await namesOf(ports, id)) {
    let after: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const found = await ports.waiting.under(subject, usagePerPage, after);
      looked = addLooked(looked, await lookAgain(ports, configuration, found));
      after = found.at(-1)?.id;
      if (after === undefined) break;
    }
  }
  return looked;
}

/** Names by which usage may mean a subscription: its own, those that it renews, its licenses, its customer and their reference. */
export async function namesOf(
  { subscriptions }: Pick<WaitingPorts, "subscriptions">,
  id: SubscriptionId,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let next: SubscriptionId | undefined = id;
  while (next !== undefined && !names.has(next)) {
    names.add(next);
    const { subscription, links } = await subscriptions.loadSubscription(next);
    for (const license of links.licenseIds) names.add(license);
    const { customerId, licenseArn, succeeds } = subscription ?? {};
    if (licenseArn !== undefined) names.add(subjectName(licenseArn));
    if (customerId !== undefined) {
      names.add(customerId);
      const reference = (await subscriptions.loadCustomer(customerId))?.reference;
      if (reference !== undefined) names.add(reference);
    }
    next = succeeds;
  }
  return names;
}

/** One after the other. Usage that cannot be looked at holds up no other. */
async function lookAgain(
  ports: WaitingPorts,
  configuration: Configuration,
  found: readonly WaitingUsage[],
): Promise<Looked> {
  const attribute = attributor(ports.subscriptions, configuration);
  const now = await ports.clock.now();
  const giveUpBefore = now - configuration.settings.acceptUsageDays * dayMs;
  let looked = nothingLooked;
  for (const usage of found) {
    const more = await look(ports, attribute, usage, { now, giveUpBefore }).catch(async (error: unknown) => {
      await postpone(ports, usage, now).catch(() => undefined);
      return { ...nothingLooked, problems: [`usage that waits (${usage.id}): ${reasonOf(error)}`] };
    });
    looked = addLooked(looked, more);
  }
  return looked;
}

/** What cannot be looked at comes back in its turn, not first of all for ever. */
async function postpone({ waiting }: WaitingPorts, usage: WaitingUsage, now: Instant): Promise<void> {
  const rest = { ...usage, version: usage.version + 1, lookAt: nextLook(usage.since, now) };
  await waiting.settle(usage, { kind: "waits", rest }, []);
}

/** Tries to settle one look, while others count for the same subscription, and looks until every book has taken its part. */
const maxTries = 10;

async function look(
  { waiting, books }: WaitingPorts,
  attribute: Attributor,
  first: WaitingUsage,
  { now, giveUpBefore }: { readonly now: Instant; readonly giveUpBefore: number },
): Promise<Looked> {
  let [usage, looked] = [first, nothingLooked];
  for (let tries = 0; tries < maxTries; tries += 1) {
    const events = unpackSegment(usage.events);
    const { counted, rest, isCutShort } = await divide(attribute, events);
    const outcome = outcomeOf(usage, rest, now, counted.length === 0 && usage.since < giveUpBefore);
    const after = await Promise.all(
      counted.map(async ({ key, amounts }) => post(await books.load(key), usage.events.hour, amounts)),
    );
    // Somebody else counts for the same subscription, or has settled this usage; then there is nothing left to do.
    if ((await waiting.settle(usage, outcome, after)) === "conflict") continue;
    looked = addLooked(looked, {
      countedEvents: events.length - rest.length,
      unbillableEvents: outcome.kind === "unbillable" ? rest.length : 0,
      problems: [],
    });
    if (!isCutShort || outcome.kind !== "waits") return looked;
    usage = outcome.rest;
  }
  return looked;
}

interface Counted {
  readonly key: BookKey;
  readonly amounts: Amounts;
}

/** Books that one look changes at once; a transaction of DynamoDB has at most 100 items and 4 MB. */
const maxBooks = 8;

/** What can be counted for somebody, and what goes on waiting. */
async function divide(
  attribute: Attributor,
  events: readonly UsageEvent[],
): Promise<{ counted: readonly Counted[]; rest: readonly Rest[]; isCutShort: boolean }> {
  const books = new Map<string, { key: BookKey; amounts: Map<TagSet, MicroUnits> }>();
  const rest: Rest[] = [];
  let isCutShort = false;
  const attributionOf = await attribute(events);
  for (const event of events) {
    const found = attributionOf(event);
    if ("waits" in found) {
      rest.push({ event, reason: found.waits });
      continue;
    }
    const key = { subscriptionId: found.subscriptionId, dimension: event.dimension };
    const known = books.get(bookName(key));
    if (known === undefined && books.size === maxBooks) {
      // The next look takes it at once; nobody sees the reason in between.
      rest.push({ event, reason: "several-subscriptions" });
      isCutShort = true;
      continue;
    }
    const amounts = known?.amounts ?? new Map<TagSet, MicroUnits>();
    amounts.set(event.tagSet, add(amounts.get(event.tagSet) ?? zeroUnits, event.quantity));
    books.set(bookName(key), { key, amounts });
  }
  return { counted: [...books.values()], rest, isCutShort };
}

interface Rest {
  readonly event: UsageEvent;
  readonly reason: WaitingReason;
}

function outcomeOf(
  usage: WaitingUsage,
  rest: readonly Rest[],
  now: Instant,
  isOver: boolean,
): WaitingOutcome {
  const [first] = rest;
  if (first === undefined) return { kind: "counted" };
  if (isOver) return { kind: "unbillable", reason: first.reason, at: now };
  const events = rest.map(({ event }) => event);
  const [segment, ...more] = packSegments(usage.events, events, usage.id);
  if (segment === undefined || more.length > 0)
    throw new Error(`Part of the waiting usage ${usage.id} takes more room than the whole did.`);
  return {
    kind: "waits",
    rest: {
      ...usage,
      version: usage.version + 1,
      reason: first.reason,
      units: unitsOf(events),
      events: segment,
      lookAt: nextLook(usage.since, now),
    },
  };
}

import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct, hasEntitlements } from "../configuration/product.ts";
import { recordFact, type RecordPorts } from "../lifecycle/record-fact.ts";
import type { LifecycleDirectory } from "../lifecycle/store.ts";
import { licenseKey, type Subscription, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { EntitlementRequests } from "../outbox/outbox.ts";
import { dayMs, hourMs, type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import type { AgreementReader, ObservedAgreement } from "./agreement-reader.ts";
import { type Contradiction, contradictionOf } from "./contradiction.ts";
import type { Suspicion, Suspicions } from "./suspicion.ts";

export interface ReconcilePorts extends RecordPorts {
  readonly directory: Pick<LifecycleDirectory, "subscriptions">;
  readonly agreements: AgreementReader;
  readonly suspicions: Suspicions;
  readonly entitlementRequests: EntitlementRequests;
}

export interface ReconcileReport {
  /** Whether everything was compared, or only what AWS changed lately. */
  readonly swept: boolean;
  readonly agreements: number;
  readonly entitlementReads: number;
  /** Disagreements that are waited out, and those that became facts. */
  readonly suspected: readonly string[];
  readonly healed: readonly string[];
}

/** AWS's own events take about a minute; what disagrees for so long is not on its way any more. */
const believedAfterMinutes = 10;
const sweepEveryHours = 6;
/** Between two sweeps only what AWS changed so lately is asked for. */
const recentDays = 2;
const pageSize = 100;

/**
 * Compares our state with what AWS shows, since a notification may be lost: agreements that the seller proposed, and on every
 * sweep the entitlements of every subscription. A disagreement becomes a fact when it is seen again ten minutes later.
 * @throws whatever AWS or the store throws; the next run begins anew
 */
export async function reconcile(
  ports: ReconcilePorts,
  configuration: Configuration,
): Promise<ReconcileReport> {
  const now = await ports.clock.now();
  const last = await ports.suspicions.lastSweepAt();
  const isSweep = last === undefined || now >= laterBy(last, sweepEveryHours * hourMs);
  const since = isSweep ? instant(0) : laterBy(now, -recentDays * dayMs);
  const found = await compareAgreements(ports, configuration, since, now);
  const settled = await settle(ports, configuration, found.contradictions, { isSweep, now });
  const entitlementReads = isSweep ? await askForEntitlements(ports, configuration, now) : 0;
  if (isSweep) await ports.suspicions.sweptAt(now);
  return { swept: isSweep, agreements: found.agreements, entitlementReads, ...settled };
}

async function compareAgreements(
  ports: ReconcilePorts,
  { products }: Configuration,
  since: Instant,
  now: Instant,
): Promise<{ agreements: number; contradictions: readonly Contradiction[] }> {
  const contradictions: Contradiction[] = [];
  let agreements = 0;
  for (const product of products) {
    if (product.generation === "sns" || product.id === undefined) continue;
    for await (const agreement of ports.agreements.agreements(product.id, since)) {
      agreements += 1;
      contradictions.push(...(await compare(ports, product, agreement, now)));
    }
  }
  return { agreements, contradictions };
}

async function compare(
  { store }: ReconcilePorts,
  { code }: Product,
  agreement: ObservedAgreement,
  now: Instant,
): Promise<readonly Contradiction[]> {
  const found: Contradiction[] = [];
  for (const licenseArn of agreement.licenseArns) {
    const key = licenseKey(licenseArn);
    if (key === undefined) continue;
    const { subscription, links } = await store.loadSubscription(key.id);
    // A license in migration belongs to a subscription with an older key.
    const held = links.ownerId === undefined ? subscription : await store.currentSubscription(links.ownerId);
    const contradiction = contradictionOf(code, agreement, licenseArn, held, now);
    if (contradiction !== undefined) found.push(contradiction);
  }
  return found;
}

/** New disagreements are noted, old ones become facts, those that are gone are forgotten. */
async function settle(
  ports: ReconcilePorts,
  configuration: Configuration,
  contradictions: readonly Contradiction[],
  { isSweep, now }: { readonly isSweep: boolean; readonly now: Instant },
): Promise<{ suspected: readonly string[]; healed: readonly string[] }> {
  const known = new Map((await ports.suspicions.all()).map((suspicion) => [suspicion.id, suspicion]));
  const suspected: string[] = [];
  const healed: string[] = [];
  for (const contradiction of contradictions) {
    const healedNow = await doubt(ports, configuration, contradiction, known.get(contradiction.id), now);
    (healedNow ? healed : suspected).push(contradiction.what);
    known.delete(contradiction.id);
  }
  // Only a sweep has looked everywhere; a disagreement about something old is not gone because it was not asked for.
  if (isSweep) for (const id of known.keys()) await ports.suspicions.remove(id);
  return { suspected, healed };
}

/** Whether the disagreement became a fact. One that is a fact already and still disagrees stays noted, for people. */
async function doubt(
  ports: ReconcilePorts,
  configuration: Configuration,
  contradiction: Contradiction,
  known: Suspicion | undefined,
  now: Instant,
): Promise<boolean> {
  const { id, what } = contradiction;
  if (known === undefined) {
    await ports.suspicions.put({ id, what, firstSeenAt: now });
    return false;
  }
  if (now < laterBy(known.firstSeenAt, believedAfterMinutes * minuteMs)) return false;
  const outcome = await recordFact(ports, configuration, contradiction.fact(known.firstSeenAt));
  if (outcome.kind !== "stored") return false;
  await ports.suspicions.remove(id);
  return true;
}

/** Asks for the entitlements of every subscription that may have some. Gives how many were asked for. */
async function askForEntitlements(
  { directory, entitlementRequests }: ReconcilePorts,
  configuration: Configuration,
  now: Instant,
): Promise<number> {
  let asked = 0;
  let next: string | undefined;
  do {
    const page = await directory.subscriptions(pageSize, next);
    const ids = page.items.flatMap((subscription) =>
      mayHaveSome(configuration, subscription, now) ? [subscription.id] : [],
    );
    asked += (await request(entitlementRequests, ids)).length;
    next = page.next;
  } while (next !== undefined);
  return asked;
}

const request = async (
  requests: EntitlementRequests,
  ids: readonly SubscriptionId[],
): Promise<readonly SubscriptionId[]> => (ids.length === 0 ? [] : requests.request(ids));

/** What ended days ago has been read since, and changes no more. */
function mayHaveSome(
  configuration: Configuration,
  { productCode, grant }: Subscription,
  now: Instant,
): boolean {
  const product = findProduct(configuration, productCode);
  if (product === undefined || !hasEntitlements(product)) return false;
  return grant.state !== "ended" || now < laterBy(grant.cutAt, recentDays * dayMs);
}

import { reasonOf } from "../error/reason.ts";
import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct, hasEntitlements } from "../configuration/product.ts";
import { recordFact, type RecordPorts } from "../lifecycle/record-fact.ts";
import type { LifecycleDirectory } from "../lifecycle/store.ts";
import { licenseKey, type Subscription, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { SubscriptionRequests } from "../outbox/outbox.ts";
import { dayMs, hourMs, type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import type { AgreementReader, ObservedAgreement } from "./agreement-reader.ts";
import { type Contradiction, contradictionOf, type Held } from "./contradiction.ts";
import type { Suspicion, Suspicions } from "./suspicion.ts";

export interface ReconcilePorts extends RecordPorts {
  readonly directory: Pick<LifecycleDirectory, "subscriptions">;
  readonly agreements: AgreementReader;
  readonly suspicions: Suspicions;
  readonly entitlementRequests: SubscriptionRequests;
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

/** Parts of a comparison failed; everything else was compared. The next run begins anew. */
export class ReconcileError extends AggregateError {
  readonly code = "reconciliation-incomplete";
  readonly retryable = true;
  constructor(errors: readonly unknown[]) {
    const reasons = errors.map(reasonOf);
    super(errors, `The comparison with AWS is incomplete: ${reasons.join("; ")}`);
    this.name = "ReconcileError";
  }
}

/**
 * Compares our state with what AWS shows, since a notification may be lost: agreements that the seller proposed, and on every
 * sweep the entitlements of every subscription. A disagreement becomes a fact when it is seen again ten minutes later. What
 * fails holds up nothing else.
 * @throws ReconcileError after everything else was done
 */
export async function reconcile(
  ports: ReconcilePorts,
  configuration: Configuration,
): Promise<ReconcileReport> {
  const now = await ports.clock.now();
  const last = await ports.suspicions.lastSweepAt();
  const swept = last === undefined || now >= laterBy(last, sweepEveryHours * hourMs);
  const entitlementReads = swept ? await askForEntitlements(ports, configuration, now) : 0;
  const run: Run = {
    ports,
    configuration,
    now,
    known: new Map((await ports.suspicions.all()).map((suspicion) => [suspicion.id, suspicion])),
    ...{ agreements: 0, suspected: [], healed: [], errors: [] },
  };
  const since = swept ? instant(0) : laterBy(now, -recentDays * dayMs);
  for (const product of configuration.products) await compareProduct(run, product, since);
  const { agreements, suspected, healed, errors, known } = run;
  if (swept) {
    // Everything was looked at: a disagreement about what AWS does not show any more is none.
    if (errors.length === 0) for (const id of known.keys()) await ports.suspicions.remove(id);
    // Also after a failure, which may last: the next runs look at what is recent, and do not ask for everything again.
    await ports.suspicions.sweptAt(now);
  }
  if (errors.length > 0) throw new ReconcileError(errors);
  return { swept, agreements, entitlementReads, suspected, healed };
}

/** One comparison under way. */
interface Run {
  readonly ports: ReconcilePorts;
  readonly configuration: Configuration;
  readonly now: Instant;
  /** Suspicions of agreements that were not met yet. */
  readonly known: Map<string, Suspicion>;
  agreements: number;
  readonly suspected: string[];
  readonly healed: string[];
  readonly errors: unknown[];
}

async function compareProduct(run: Run, product: Product, since: Instant): Promise<void> {
  if (product.generation === "sns" || product.id === undefined) return;
  try {
    for await (const agreement of run.ports.agreements.agreements(product.id, since)) {
      run.agreements += 1;
      await compareAgreement(run, product, agreement).catch((error: unknown) => run.errors.push(error));
    }
  } catch (error) {
    run.errors.push(error);
  }
}

async function compareAgreement(run: Run, { code }: Product, agreement: ObservedAgreement): Promise<void> {
  const { agreementId } = agreement;
  const before = [...run.known.values()].filter((suspicion) => suspicion.agreementId === agreementId);
  const still = new Set<string>();
  for (const licenseArn of agreement.licenseArns) {
    const held = await heldOf(run.ports, licenseArn);
    const contradiction = held && contradictionOf(code, agreement, licenseArn, held, run.now);
    if (contradiction === undefined) continue;
    still.add(contradiction.id);
    await doubt(run, contradiction);
  }
  // Seen without the disagreement, even once: it begins anew should it come again.
  for (const { id } of before) {
    if (!still.has(id)) await run.ports.suspicions.remove(id);
    run.known.delete(id);
  }
}

async function heldOf({ store }: ReconcilePorts, licenseArn: string): Promise<Held | undefined> {
  const key = licenseKey(licenseArn);
  if (key === undefined) return undefined;
  const { subscription, links } = await store.loadSubscription(key.id);
  const { agreementIds, ownerId } = links;
  // A license in migration belongs to a subscription with an older key.
  return {
    agreementIds,
    subscription: ownerId === undefined ? subscription : await store.currentSubscription(ownerId),
  };
}

/** Notes a disagreement, or makes a fact of one that is old enough. One that is a fact already stays noted, for people. */
async function doubt(
  { ports, configuration, now, known, suspected, healed }: Run,
  contradiction: Contradiction,
): Promise<void> {
  const { id, agreementId, what } = contradiction;
  const earlier = known.get(id);
  if (earlier === undefined) await ports.suspicions.put({ id, agreementId, what, firstSeenAt: now });
  else if (now >= laterBy(earlier.firstSeenAt, believedAfterMinutes * minuteMs)) {
    const outcome = await recordFact(ports, configuration, contradiction.fact(earlier.firstSeenAt));
    if (outcome.kind === "stored") {
      await ports.suspicions.remove(id);
      healed.push(what);
      return;
    }
  }
  suspected.push(what);
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
  requests: SubscriptionRequests,
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

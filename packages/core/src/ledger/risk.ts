import type { Product, Settings } from "../configuration/configuration.ts";
import { type GrantPeriod, grantPeriods, type Subscription } from "../lifecycle/subscription.ts";
import { wholeUnitsIn } from "../metering/balance.ts";
import { type Book, type UnbillableReason, unbillableReasons } from "../metering/book.ts";
import { obstacleOf } from "../metering/seal-hours.ts";
import { dueSince, lastSettledHour } from "../metering/settle.ts";
import type { ProductSwitch } from "../metering/store.ts";
import { earliestOpenHour, finalDeadlineOf, grantHours, type UsageRecord } from "../metering/usage-record.ts";
import { floorUnits, type MicroUnits, subtract, wholeUnits, zeroUnits } from "../quantity/micro-units.ts";
import { hourMs, type Instant, laterBy } from "../time/instant.ts";
import { hourEnd, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import type { BookAhead } from "./look-ahead.ts";
import { nameRecord } from "./record-name.ts";

/** Units that AWS has not accepted, or that are not on their way yet. */
export interface Risk {
  readonly kind: "record" | "balance" | "waiting";
  /** Unknown while nobody knows whose the usage is. */
  readonly productCode: string | undefined;
  /** A record's name, or a book's: the same without an hour. */
  readonly name: string;
  readonly units: MicroUnits;
  /** From then on nobody is billed for them; without it they can be billed as long as the grant goes on. */
  readonly deadlineAt: Instant | undefined;
  readonly reason: string;
  /** Since when they could be accepted and are not; left out while nothing is late, and for what is given up. */
  readonly lateSince?: Instant | undefined;
  /** Of a record. */
  readonly attempts?: number;
  readonly retryAt?: Instant | undefined;
}

/** Why a record is still pending. */
export function recordRisk(
  record: UsageRecord,
  product: Product,
  held: ProductSwitch,
  settings: Settings,
): Risk {
  const { subscriptionId, dimension, hour, entry, deadlineAt, attempts, outcome, productCode } = record;
  const { refusal, retryAt } = outcome.state === "pending" ? outcome : {};
  const said = refusal ?? (attempts === 0 ? "not sent yet" : "sent, and no answer came");
  return {
    ...{ kind: "record", productCode, units: wholeUnits(entry.quantity), deadlineAt, attempts, retryAt },
    name: nameRecord({ key: { subscriptionId, dimension }, hour }),
    reason: obstacleOf(product, held) ?? said,
    lateSince: dueSince(hour, settings),
  };
}

interface Known {
  readonly settings: Settings;
  /** The last hour in which the books are complete. */
  readonly through: UtcHour;
  readonly now: Instant;
}

/** What of a book's balance is no record yet, and why. Fractions wait to be completed and are not at risk. */
export function bookRisks(ahead: BookAhead, known: Known): readonly Risk[] {
  const { key, records, subscription } = ahead;
  const of = {
    kind: "balance" as const,
    productCode: subscription?.productCode,
    name: nameRecord({ key, hour: known.through }).replace(/\/[^/]*$/, ""),
  };
  const next = records.map((record) => ({
    ...of,
    name: nameRecord({ key, hour: record.hour }),
    units: wholeUnits(record.entry.quantity),
    deadlineAt: record.deadlineAt,
    reason: "the next run of the meter seals them",
    lateSince: dueSince(record.hour, known.settings),
  }));
  const lost = lostUnits(ahead).map(([reason, units]) => ({
    ...{ ...of, units, deadlineAt: known.now },
    reason: `the next run of the meter writes them off: ${unbillableReasons[reason]}`,
  }));
  return [...next, ...lost, ...stayingUnits(ahead, known).map((staying) => ({ ...of, ...staying }))];
}

/** Whole units that the next run would write off. */
function lostUnits({ before, after }: BookAhead): readonly (readonly [UnbillableReason, MicroUnits])[] {
  return [...after.unbillable].flatMap(([reason, units]) => {
    const more = floorUnits(subtract(units, before.unbillable.get(reason) ?? zeroUnits));
    return more > 0n ? [[reason, wholeUnits(more)] as const] : [];
  });
}

/** By grant, since each has an end of its own; what lies in none comes last. */
function stayingUnits(
  { after, subscription, reasons }: BookAhead,
  known: Known,
): readonly Pick<Risk, "units" | "deadlineAt" | "reason" | "lateSince">[] {
  const periods = subscription === undefined ? [] : grantPeriods(subscription);
  const periodOf = (hour: UtcHour) =>
    periods.findLast((period) => hour >= grantHours(period).first && hour <= grantHours(period).last);
  const byPeriod = Map.groupBy(
    [...after.balance.keys()].toSorted((a, b) => a - b),
    periodOf,
  );
  return [...byPeriod].flatMap(([period, hours]) => {
    const units = unitsOf(after, hours);
    const [first] = hours;
    if (units === 0n || first === undefined) return [];
    const deadlineAt = subscription && unitsDeadline(subscription, period, first, known.settings);
    const reason = reasons.length > 0 ? reasons.join("; ") : whyNotYet(first, known);
    const lateSince = isLate(first, reasons, known) ? dueSince(first, known.settings) : undefined;
    return [{ units: wholeUnits(units), deadlineAt, reason, lateSince }];
  });
}

/** Usage that only waits for the next hour's record is late for nobody. */
const isLate = (hour: UtcHour, reasons: readonly string[], { settings, through, now }: Known): boolean =>
  hour <= lastSettledHour(now, settings) && (reasons.length > 0 || hour > through);

const unitsOf = ({ balance }: Book, hours: readonly UtcHour[]): bigint =>
  wholeUnitsIn(new Map([...balance].filter(([hour]) => hours.includes(hour))), {
    from: Math.min(...hours) as UtcHour,
    through: Math.max(...hours) as UtcHour,
  });

/** When AWS takes nothing of an hour's units any more, by the rules of sealing: while the grant goes on, a later hour's record holds them. */
function unitsDeadline(
  subscription: Subscription,
  period: GrantPeriod | undefined,
  hour: UtcHour,
  settings: Settings,
): Instant | undefined {
  if (period === undefined) return windowShutAt(hour, settings);
  return finalDeadlineOf(subscription, period, settings);
}

/** When no record of an hour can be made any more. */
function windowShutAt(hour: UtcHour, settings: Settings): Instant {
  let now = hourEnd(hour);
  while (earliestOpenHour(now, settings) <= hour) now = laterBy(now, hourMs);
  return now;
}

function whyNotYet(hour: UtcHour, { settings, through, now }: Known): string {
  if (hour > lastSettledHour(now, settings)) return "their hour has not settled yet";
  if (hour > through)
    return "their hour has settled, and the meter has not seen it folded in every shard yet: its log says why";
  return hoursLater(through, 1) > lastSettledHour(now, settings)
    ? "their hour has a record already: the next hour's takes them when it has settled"
    : "their hour has a record already, and later ones are not folded yet";
}

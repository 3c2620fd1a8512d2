import * as z from "zod";
import { type Instant, instant } from "../time/instant.ts";
import type { Registered } from "./fact.ts";
import type { SubscriptionId } from "./subscription.ts";

/** One AWS account under one product: where registrations wait whose license AWS has not named yet. */
export type BuyerId = string & { readonly __brand: "BuyerId" };

export const buyerIdOf = (productCode: string, buyerAccountId: string): BuyerId =>
  `${productCode}/${buyerAccountId}` as BuyerId;

const at = z.number().transform((value): Instant => instant(value));

export const knownLicenseSchema = z.object({
  id: z.string().transform((value) => value as SubscriptionId),
  /** The earliest fact that names the license together with the account. */
  seenAt: at.optional(),
  /** The earliest registration that names it. */
  registeredAt: at.optional(),
  /** When it was deprovisioned: from then on nobody can mean it. */
  goneAt: at.optional(),
  /** The visits whose registration named it, sooner or later. */
  visits: z.array(z.string()).default([]),
});

/** A license of the buyer, as far as it matters to who waits. */
export type KnownLicense = Readonly<z.output<typeof knownLicenseSchema>>;

const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a < b ? a : b;

/** The licenses with what one more fact says of one of them. The order in which facts come makes no difference. */
export function know(licenses: readonly KnownLicense[], said: KnownLicense): readonly KnownLicense[] {
  const known = licenses.find(({ id }) => id === said.id);
  const merged: KnownLicense = {
    id: said.id,
    seenAt: earliest(known?.seenAt, said.seenAt),
    registeredAt: earliest(known?.registeredAt, said.registeredAt),
    goneAt: earliest(known?.goneAt, said.goneAt),
    visits: [...new Set([...(known?.visits ?? []), ...said.visits])].sort(),
  };
  const others = licenses.filter(({ id }) => id !== said.id);
  return [...others, merged].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Which license each waiting registration means: the only one of the account that nobody has registered, at the moment when
 * both are known. With several, or none, it waits on; a later answer of AWS to the same visit that names the license settles
 * it. A function of what happened and when, never of the order in which it arrived.
 */
export function claims(
  licenses: readonly KnownLicense[],
  waiting: readonly Registered[],
): ReadonlyMap<Registered, SubscriptionId> {
  const moments: Moment[] = [
    ...licenses.flatMap(({ id, seenAt, registeredAt, goneAt }): Moment[] => [
      ...(seenAt === undefined ? [] : [{ at: seenAt, seen: id }]),
      ...(registeredAt === undefined ? [] : [{ at: registeredAt, registered: id }]),
      ...(goneAt === undefined ? [] : [{ at: goneAt, gone: id }]),
    ]),
    ...unsettled(licenses, waiting).map((fact): Moment => ({ at: fact.at, waits: fact })),
  ];
  const claimed = new Map<Registered, SubscriptionId>();
  const taken = new Set<SubscriptionId>();
  const free = new Set<SubscriptionId>();
  let open: Registered[] = [];
  for (const moment of moments.sort(byMoment)) {
    if ("registered" in moment || "gone" in moment) {
      const id = "gone" in moment ? moment.gone : moment.registered;
      taken.add(id);
      free.delete(id);
    } else if ("seen" in moment) {
      if (!taken.has(moment.seen)) free.add(moment.seen);
    } else open.push(moment.waits);
    const [only, second] = free;
    if (open.length === 0 || only === undefined || second !== undefined) continue;
    for (const fact of open) claimed.set(fact, only);
    open = [];
    free.delete(only);
  }
  return claimed;
}

/** Registrations that wait on: nobody has named their license, and none can be meant. */
export function unclaimed(
  licenses: readonly KnownLicense[],
  waiting: readonly Registered[],
): readonly Registered[] {
  const claimed = claims(licenses, waiting);
  return unsettled(licenses, waiting).filter((fact) => !claimed.has(fact));
}

/** Those whose visit AWS has not named the license of since. */
function unsettled(licenses: readonly KnownLicense[], waiting: readonly Registered[]): readonly Registered[] {
  const settled = new Set(licenses.flatMap(({ visits }) => visits));
  return waiting.filter(({ visit }) => visit === undefined || !settled.has(visit));
}

type Moment = { readonly at: Instant } & (
  | { readonly seen: SubscriptionId }
  | { readonly registered: SubscriptionId }
  | { readonly gone: SubscriptionId }
  | { readonly waits: Registered }
);

const byMoment = (a: Moment, b: Moment): number => a.at - b.at || (nameOf(a) < nameOf(b) ? -1 : 1);

/** At one instant: first what is registered by name, then what is seen, who waits, and what is gone. */
const nameOf = (moment: Moment): string =>
  "registered" in moment
    ? `1 ${moment.registered}`
    : "seen" in moment
      ? `2 ${moment.seen}`
      : "waits" in moment
        ? `3 ${moment.waits.id}`
        : `4 ${moment.gone}`;

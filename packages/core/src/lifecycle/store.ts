import * as z from "zod";
import type { EntitlementSnapshot } from "../entitlement/entitlement.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import type { BuyerId, KnownLicense } from "./buyer.ts";
import type { Customer, CustomerId } from "./customer.ts";
import type { Fact, Registered } from "./fact.ts";
import type { Subscription, SubscriptionId } from "./subscription.ts";

/** What facts are filed under. A record nobody stored has version 0 and no facts. */
export type RecordKey =
  | { readonly kind: "subscription"; readonly id: SubscriptionId }
  | { readonly kind: "agreement"; readonly id: string }
  | { readonly kind: "buyer"; readonly id: BuyerId }
  /** Notices that name no agreement. */
  | { readonly kind: "seller"; readonly id: string };

const text = z.string();
const subscriptionId = text.transform((id) => id as SubscriptionId);

export const subscriptionLinksSchema = z.object({
  /** Every agreement that ever owned its license. */
  agreementIds: z.array(text).readonly().default([]),
  /** Licenses whose facts belong to this subscription, which is known by CustomerIdentifier. */
  licenseIds: z.array(subscriptionId).readonly().default([]),
  /** The subscription to which this license's facts belong. */
  ownerId: subscriptionId.optional(),
  buyerId: text.transform((id) => id as BuyerId).optional(),
});
/** Which other records a subscription's state depends on. */
export type SubscriptionLinks = Readonly<z.output<typeof subscriptionLinksSchema>>;

export interface SubscriptionRecord {
  readonly version: number;
  readonly subscription: Subscription | undefined;
  /** Whether it is a subscription of its own; else its facts are evidence only, or another one's. */
  readonly announced: boolean;
  readonly links: SubscriptionLinks;
  /** The facts filed under it; those of its agreements are filed under the agreements. */
  readonly facts: readonly Fact[];
}

export const agreementLinksSchema = z.object({
  subscriptionIds: z.array(subscriptionId).readonly().default([]),
  /** Agreements that renew or replace this one. */
  successorIds: z.array(text).readonly().default([]),
});
/** An agreement's events name no license; a License Updated links the two, in either order. */
export type AgreementLinks = Readonly<z.output<typeof agreementLinksSchema>>;

export interface AgreementRecord {
  readonly version: number;
  readonly links: AgreementLinks;
  readonly facts: readonly Fact[];
}

export interface BuyerRecord {
  readonly version: number;
  readonly licenses: readonly KnownLicense[];
  /** Registrations whose license AWS had not named. */
  readonly waiting: readonly Registered[];
}

/** Everything that one fact changes; stored whole or not at all. */
export interface LifecycleChange {
  readonly fact: Fact;
  /** Where the fact is filed. */
  readonly home: RecordKey;
  readonly subscriptions: readonly {
    readonly id: SubscriptionId;
    readonly expectedVersion: number;
    readonly after: Subscription;
    readonly links: SubscriptionLinks;
    readonly announced: boolean;
  }[];
  readonly agreements: readonly {
    readonly id: string;
    readonly expectedVersion: number;
    readonly links: AgreementLinks;
  }[];
  readonly buyers: readonly {
    readonly id: BuyerId;
    readonly expectedVersion: number;
    readonly licenses: readonly KnownLicense[];
    /** Whether a registration still waits for its license. */
    readonly waits: boolean;
  }[];
  readonly customer?: { readonly after: Customer };
  /** What else was read to decide this; it must still have this version. */
  readonly unchanged: readonly { readonly key: RecordKey; readonly version: number }[];
  readonly outbox: readonly OutboxEntry[];
}

/** `conflict`: somebody else changed one of them since it was read. */
export type CommitOutcome = "stored" | "conflict";

/** A subscription of its own, as it stands, under the version that its events carry. */
export interface AnnouncedSubscription {
  readonly subscription: Subscription;
  readonly version: number;
}

export interface LifecycleStore {
  /** Consistent, the state before the facts. */
  loadSubscription(id: SubscriptionId): Promise<SubscriptionRecord>;
  /** The state alone, for those who do not change it. Consistent. */
  currentSubscription(id: SubscriptionId): Promise<Subscription | undefined>;
  /** The subscription that usage under this id belongs to: itself, or the one that its license belongs to. Consistent. */
  holderOf(id: SubscriptionId): Promise<Subscription | undefined>;
  /** The same, if it is a subscription of its own: what is evidence only gives nobody anything. Consistent. */
  announcedHolderOf(id: SubscriptionId): Promise<AnnouncedSubscription | undefined>;
  /** Consistent, the links before the facts. */
  loadAgreement(id: string): Promise<AgreementRecord>;
  /** Consistent, the licenses before who waits. */
  loadBuyer(id: BuyerId): Promise<BuyerRecord>;
  /** Whether the fact is filed there already. Consistent. */
  hasFact(home: RecordKey, id: Fact["id"]): Promise<boolean>;
  /** Consistent. */
  loadCustomer(id: CustomerId): Promise<Customer | undefined>;
  /** Replaces a customer over the version before it, with what follows; `false` when somebody else changed it. */
  storeCustomer(after: Customer, outbox: readonly OutboxEntry[]): Promise<boolean>;
  /** A customer's subscriptions; one registered a moment ago may still be missing. */
  subscriptionsOf(id: CustomerId): Promise<readonly SubscriptionId[]>;
  /** The customers whom the seller knows by this name; one registered a moment ago may still be missing. */
  customersOf(reference: string): Promise<readonly CustomerId[]>;
  commit(change: LifecycleChange): Promise<CommitOutcome>;
  loadEntitlements(id: SubscriptionId): Promise<EntitlementSnapshot | undefined>;
  /** Stores the answer of a read with what follows from it, unless another one was stored since: then `false`. */
  storeEntitlements(snapshot: EntitlementSnapshot, outbox: readonly OutboxEntry[]): Promise<boolean>;
}

/** One page of a list, by id, and where the next one begins. What was stored a moment ago may still be missing. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
}

/** Something that belongs to no subscription yet, or that people should look at. */
export interface Parked {
  readonly why: keyof typeof parkedReasons;
  readonly home: RecordKey;
}

/** Why facts are listed as parked. */
export const parkedReasons = {
  "agreement-unknown": "no license has named this agreement yet",
  "license-awaited": "AWS has not named the license that this buyer registered for",
  "evidence-only":
    "told by the generation that does not decide for this listing, or by nobody who has registered",
  "detail-type-unknown": "this version does not know what AWS says here",
} as const;

/** The list a change puts the record on, if any. */
export const parkedAs = {
  subscription: ({
    announced,
    links,
  }: LifecycleChange["subscriptions"][number]): Parked["why"] | undefined =>
    announced || links.ownerId !== undefined ? undefined : "evidence-only",
  agreement: ({ links }: LifecycleChange["agreements"][number]): Parked["why"] | undefined =>
    links.subscriptionIds.length === 0 ? "agreement-unknown" : undefined,
  buyer: ({ waits }: LifecycleChange["buyers"][number]): Parked["why"] | undefined =>
    waits ? "license-awaited" : undefined,
  fact: (fact: Fact): Parked["why"] | undefined =>
    fact.kind === "notice" && !fact.known ? "detail-type-unknown" : undefined,
};

/** Lists for operators and for the scheduled comparison with AWS. */
export interface LifecycleDirectory {
  subscriptions(limit: number, after?: string): Promise<Page<Subscription>>;
  customers(limit: number, after?: string): Promise<Page<Customer>>;
  parked(limit: number, after?: string): Promise<Page<Parked>>;
  /** Every fact filed there. Consistent. */
  facts(home: RecordKey): Promise<readonly Fact[]>;
}

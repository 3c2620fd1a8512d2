import type { EntitlementSnapshot } from "../entitlement/entitlement.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import type { Customer, CustomerId } from "./customer.ts";
import type { Fact } from "./fact.ts";
import type { Subscription, SubscriptionId } from "./subscription.ts";

/** A subscription as stored. Version 0: nothing is stored yet. */
export interface SubscriptionRecord {
  readonly subscription: Subscription | undefined;
  readonly version: number;
  /** The facts filed under it; those of its agreements are filed under the agreements. */
  readonly facts: readonly Fact[];
  /** Every agreement that ever owned its license. */
  readonly agreementIds: readonly string[];
}

/** An agreement as stored. Its events name no license; a License Updated links the two, in either order. */
export interface AgreementRecord {
  readonly version: number;
  readonly facts: readonly Fact[];
  readonly subscriptionIds: readonly SubscriptionId[];
}

/** Everything that one fact changes; stored whole or not at all. */
export interface LifecycleChange {
  readonly fact: Fact;
  /** Where the fact is filed. */
  readonly stream:
    | { readonly kind: "subscription"; readonly id: SubscriptionId }
    | { readonly kind: "agreement"; readonly id: string };
  readonly subscriptions: readonly {
    readonly id: SubscriptionId;
    readonly expectedVersion: number;
    readonly after: Subscription;
    readonly agreementIds: readonly string[];
  }[];
  readonly agreement?: {
    readonly id: string;
    readonly expectedVersion: number;
    readonly subscriptionIds: readonly SubscriptionId[];
  };
  readonly customer?: Customer;
  readonly outbox: readonly OutboxEntry[];
}

/** `conflict`: somebody else changed one of them since it was read. */
export type CommitOutcome = "stored" | "conflict";

export interface LifecycleStore {
  /** Consistent. */
  loadSubscription(id: SubscriptionId): Promise<SubscriptionRecord>;
  /** The state alone, for those who do not change it. Consistent. */
  currentSubscription(id: SubscriptionId): Promise<Subscription | undefined>;
  /** Consistent. */
  loadAgreement(id: string): Promise<AgreementRecord>;
  loadCustomer(id: CustomerId): Promise<Customer | undefined>;
  /** A customer's subscriptions; one registered a moment ago may still be missing. */
  subscriptionsOf(id: CustomerId): Promise<readonly SubscriptionId[]>;
  commit(change: LifecycleChange): Promise<CommitOutcome>;
  loadEntitlements(id: SubscriptionId): Promise<EntitlementSnapshot | undefined>;
  /** Stores the answer of a read with what follows from it, unless another one was stored since: then `false`. */
  storeEntitlements(snapshot: EntitlementSnapshot, outbox: readonly OutboxEntry[]): Promise<boolean>;
}

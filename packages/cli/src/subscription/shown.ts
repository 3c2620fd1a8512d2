import type { EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type { SubscriptionLinks } from "@tollhouse/core/lifecycle/store";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { NoChangeReason } from "@tollhouse/core/lifecycle/timeline";

/** One fact, and what it changed: each field that differs, with its new value. */
export interface ShownStep {
  readonly fact: Fact;
  readonly filedUnder: string;
  readonly decides: boolean;
  readonly changed: Partial<Subscription>;
  readonly unchanged?: NoChangeReason;
}

export interface ShownSubscription {
  readonly subscription: Subscription;
  readonly announced: boolean;
  readonly links: SubscriptionLinks;
  readonly entitlements?: EntitlementSnapshot;
  /** The id that was asked for, when it belongs to this subscription. */
  readonly askedFor?: SubscriptionId;
  /** What is stored is not what the facts say: another configuration, or a fact that is only just being stored. */
  readonly storedDiffers: boolean;
  /** Absent when the product is no longer configured, without which facts cannot be read. */
  readonly timeline?: readonly ShownStep[];
}

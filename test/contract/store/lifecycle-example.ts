import { buyerIdOf } from "@tollhouse/core/lifecycle/buyer";
import type { Customer, CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { LifecycleChange } from "@tollhouse/core/lifecycle/store";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { analyticsCode, at, example, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import type { OutboxEntry } from "@tollhouse/core/outbox/outbox";

export const id = licenseId as string as SubscriptionId;
/** Later than anything here is due. */
export const someday = at("2030-01-01T00:00:00Z");
export const customerId = "cus-000000000000000000000001" as CustomerId;
export const buyerId = buyerIdOf(analyticsCode, "123456789012");

export const state = (change: Partial<Subscription> = {}): Subscription => ({
  id,
  productCode: analyticsCode,
  identity: { by: "license", licenseArn },
  registration: "unregistered",
  grant: { state: "active", since: at("2026-08-20T14:23:11Z") },
  earlierGrants: [{ since: at("2026-05-01T00:00:00Z"), cutAt: at("2026-06-01T00:00:00Z") }],
  freeTrial: false,
  ...change,
});

export const entry = (name: string, time = "2026-08-20T14:23:12Z"): OutboxEntry => ({
  id: name,
  dueAt: at(time),
  task: { kind: "read-entitlements", subscriptionId: id },
});

/** A change that stores one more fact about the example license. */
export const change = (
  factId: string,
  expectedVersion: number,
  more: Partial<LifecycleChange> = {},
): LifecycleChange => ({
  fact: example.licenseUpdated(factId, "2026-08-20T14:23:11Z"),
  home: { kind: "subscription" as const, id },
  subscriptions: [{ id, expectedVersion, after: state(), announced: true, links: links("agmt-1") }],
  agreements: [],
  buyers: [],
  unchanged: [],
  outbox: [],
  ...more,
});

export const links = (...agreementIds: string[]) => ({ agreementIds, licenseIds: [] });
export const agreement = (expectedVersion: number, subscriptionIds: SubscriptionId[] = [id]) => ({
  id: "agmt-1",
  expectedVersion,
  links: { subscriptionIds, successorIds: [] },
});
export const customer = (version: number, more: Partial<Customer> = {}) => ({
  after: { id: customerId, version, registeredAt: at("2026-08-20T14:00:00Z"), ...more },
});

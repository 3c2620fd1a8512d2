import type { Agreement } from "./agreement/agreement.ts";
import type { Faults } from "./fault/fault.ts";
import type { MeteringRecord } from "./metering/record.ts";
import { type SnsSubscription, subscriptionKey } from "./sns/subscription.ts";
import type { Notification } from "./notification/notification.ts";

/** All that AWS Marketplace would remember. Plain JSON, so that it can be kept in a file. */
export interface State {
  readonly seed: string;
  /** How many agreements, tokens and notifications were made; their names are computed from it. */
  counter: number;
  readonly agreements: Record<string, Agreement>;
  readonly tokens: Record<string, { readonly agreementId: string; readonly issuedAtMs: number }>;
  /** By the key on which AWS recognises a repeat. */
  readonly records: Record<string, MeteringRecord>;
  /** What is to be sent, now or later; what was sent is gone. */
  readonly notifications: Record<string, Notification>;
  /** Old listings that were opted in to Concurrent Agreements, with the instant. */
  readonly optIns: Record<string, number>;
  /** Buyer accounts that AWS has suspended, with the instant. */
  readonly suspendedBuyers: Record<string, number>;
  /** By topic and endpoint. */
  readonly snsSubscriptions: Record<string, SnsSubscription>;
  /** What shall go wrong. */
  faults: Faults;
}

/** Whether AWS has suspended the buyer's account. */
export const isSuspended = (state: State, buyerAccountId: string): boolean =>
  Object.hasOwn(state.suspendedBuyers, buyerAccountId);

export const initialState = (seed = "tollhouse"): State => ({
  seed,
  counter: 0,
  agreements: {},
  tokens: {},
  records: {},
  notifications: {},
  optIns: {},
  suspendedBuyers: {},
  snsSubscriptions: {},
  faults: { seed, drawn: 0, rules: [] },
});

/** What a decision wants changed. Deciding changes nothing; `apply` does. */
export type Change =
  | { readonly kind: "counted"; readonly counter: number }
  | { readonly kind: "agreement-stored"; readonly agreement: Agreement }
  | {
      readonly kind: "token-issued";
      readonly token: string;
      readonly agreementId: string;
      readonly issuedAtMs: number;
    }
  | { readonly kind: "record-accepted"; readonly record: MeteringRecord }
  | { readonly kind: "notification-planned"; readonly notification: Notification }
  | { readonly kind: "notification-removed"; readonly id: string }
  | { readonly kind: "sns-subscription-stored"; readonly subscription: SnsSubscription }
  | { readonly kind: "faults-set"; readonly faults: Faults }
  | { readonly kind: "product-opted-in"; readonly productCode: string; readonly atMs: number }
  | { readonly kind: "buyer-suspended"; readonly buyerAccountId: string; readonly atMs: number }
  | { readonly kind: "buyer-reinstated"; readonly buyerAccountId: string };

/** Puts changes into `state`, in place. The only function of the rules that writes. */
export function apply(state: State, changes: readonly Change[]): void {
  for (const change of changes) applyOne(state, change);
}

function applyOne(state: State, change: Change): void {
  switch (change.kind) {
    case "counted":
      state.counter = change.counter;
      return;
    case "agreement-stored":
      state.agreements[change.agreement.id] = change.agreement;
      return;
    case "token-issued":
      state.tokens[change.token] = { agreementId: change.agreementId, issuedAtMs: change.issuedAtMs };
      return;
    case "record-accepted":
      state.records[change.record.key] = change.record;
      return;
    case "notification-planned":
      state.notifications[change.notification.id] = change.notification;
      return;
    case "notification-removed":
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON dictionary, keyed by ids of ours.
      delete state.notifications[change.id];
      return;
    case "sns-subscription-stored":
      state.snsSubscriptions[subscriptionKey(change.subscription)] = change.subscription;
      return;
    case "faults-set":
      state.faults = change.faults;
      return;
    case "product-opted-in":
      state.optIns[change.productCode] = change.atMs;
      return;
    case "buyer-suspended":
      state.suspendedBuyers[change.buyerAccountId] = change.atMs;
      return;
    case "buyer-reinstated":
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON dictionary, keyed by account ids.
      delete state.suspendedBuyers[change.buyerAccountId];
      return;
    default:
      change satisfies never;
  }
}

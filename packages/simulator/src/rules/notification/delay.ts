/** Seconds of simulated time between what happened and its notification. */
export interface NotificationDelays {
  readonly agreementCreatedSeconds: number;
  /** Until the license is provisioned: the first License Updated, or `subscribe-success`. */
  readonly licenseUpdatedSeconds: number;
  readonly agreementEndedSeconds: number;
  readonly licenseDeprovisionedSeconds: number;
  readonly subscribeSuccessSeconds: number;
  readonly unsubscribePendingSeconds: number;
  readonly unsubscribeSuccessSeconds: number;
  /** After an upgrade: License Updated, or `entitlement-updated`. */
  readonly entitlementUpdatedSeconds: number;
}

/** As observed on real events of August 2026 (EventBridge); the hour is the Seller Guide's (SNS notifications page). */
export const observedDelays: NotificationDelays = {
  agreementCreatedSeconds: 11,
  licenseUpdatedSeconds: 72,
  agreementEndedSeconds: 0,
  licenseDeprovisionedSeconds: 31,
  subscribeSuccessSeconds: 5,
  unsubscribePendingSeconds: 0,
  unsubscribeSuccessSeconds: 3_600,
  entitlementUpdatedSeconds: 5,
};

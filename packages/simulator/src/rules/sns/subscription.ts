/** An endpoint's subscription to one of AWS's topics. */
export interface SnsSubscription {
  readonly topicArn: string;
  /** The address of an HTTP endpoint, or `queue`. */
  readonly endpoint: string;
  readonly subscriptionArn: string;
  readonly token: string;
  readonly askedAtMs: number;
  /** `null` until the endpoint's owner has visited the address that the confirmation message names. */
  readonly confirmedAtMs: number | null;
}

/** What a subscription is kept under. */
export const subscriptionKey = ({
  topicArn,
  endpoint,
}: Pick<SnsSubscription, "topicArn" | "endpoint">): string => `${topicArn} ${endpoint}`;

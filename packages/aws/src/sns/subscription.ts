import {
  ConfirmSubscriptionCommand,
  InvalidParameterException,
  NotFoundException,
  SNSClient,
} from "@aws-sdk/client-sns";
import { clientSettings } from "../client-settings.ts";
import type { SubscriptionConfirmation } from "../notification/reading.ts";

/** Says yes to SNS; `refused` when the token is of no use, which a new request of the seller's mends. */
export interface SubscriptionConfirmer {
  confirm(confirmation: SubscriptionConfirmation): Promise<"confirmed" | { readonly refused: string }>;
}

/** SNS did not take our yes. The message comes back; the token is good for two days. */
export class ConfirmationError extends Error {
  readonly code = "confirmation-failed";
  readonly retryable = true;
  constructor(topicArn: string, cause: unknown) {
    const name = cause instanceof Error ? cause.name : "unknown";
    super(
      `SNS did not take the confirmation of ${topicArn} (${name}). When it says AuthorizationError, this function's role lacks sns:ConfirmSubscription on that topic: deploy the stack again.`,
      { cause },
    );
    this.name = "ConfirmationError";
  }
}

/**
 * Confirms through the API and not by opening the message's SubscribeURL: the call goes to the SNS of our own choosing with
 * nothing of the message but topic and token, so a forged message cannot send us anywhere. Signed with
 * AuthenticateOnUnsubscribe, it also takes the power to end the subscription from whoever reads the UnsubscribeURL that every
 * later message carries (SNS API reference, ConfirmSubscription, read 2026). Confirming twice is answered alike.
 */
export function snsSubscriptionConfirmer(): SubscriptionConfirmer {
  // AWS Marketplace's topics exist in this Region only.
  const client = new SNSClient({ ...clientSettings, region: "us-east-1" });
  return {
    async confirm({ topicArn, token }) {
      try {
        await client.send(
          new ConfirmSubscriptionCommand({
            TopicArn: topicArn,
            Token: token,
            AuthenticateOnUnsubscribe: "true",
          }),
        );
        return "confirmed";
      } catch (error) {
        if (error instanceof InvalidParameterException || error instanceof NotFoundException)
          return {
            refused: `SNS does not take its token for ${topicArn} any more (${error.name}): request the subscription again, as the seller`,
          };
        throw new ConfirmationError(topicArn, error);
      }
    },
  };
}

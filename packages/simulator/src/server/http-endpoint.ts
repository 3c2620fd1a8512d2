import type { SnsSubscription } from "../rules/sns/subscription.ts";

/** SNS waits 15 seconds for an endpoint (SNS Developer Guide, "Amazon SNS message delivery retries"). */
const timeoutMs = 15_000;

/** The endpoint wants no such message: SNS tries again after its server's errors, not after the client's (4xx but 429). */
export class MessageRefused extends Error {
  override readonly name = "MessageRefused";
}

const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

/** Posts one message as SNS does; resolves when the endpoint has answered 2xx. */
export type Post = (
  to: Pick<SnsSubscription, "endpoint" | "subscriptionArn">,
  envelope: Readonly<Record<string, string>>,
) => Promise<void>;

/** The headers and the content type are those of the SNS Developer Guide, "Fanout to HTTP/S endpoints". */
export const postToEndpoint: Post = async ({ endpoint, subscriptionArn }, envelope) => {
  const response = await fetch(endpoint, {
    method: "POST",
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      "content-type": "text/plain; charset=UTF-8",
      "user-agent": "Amazon Simple Notification Service Agent",
      "x-amz-sns-message-type": envelope["Type"] ?? "",
      "x-amz-sns-message-id": envelope["MessageId"] ?? "",
      "x-amz-sns-topic-arn": envelope["TopicArn"] ?? "",
      ...(envelope["Type"] === "Notification" ? { "x-amz-sns-subscription-arn": subscriptionArn } : {}),
    },
    body: JSON.stringify(envelope),
  });
  await response.body?.cancel();
  if (response.ok) return;
  const message = `${endpoint} answered ${response.status}`;
  throw isFinal(response.status) ? new MessageRefused(message) : new Error(message);
};

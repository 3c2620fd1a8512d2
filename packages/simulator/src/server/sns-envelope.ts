import { createSign } from "node:crypto";
import type { ConfirmationContent, Notification, SnsContent } from "../rules/notification/notification.ts";

export interface Signer {
  readonly privateKeyPem: string;
  readonly signingCertUrl: string;
  readonly signatureVersion: "1" | "2";
  /** Where a subscription is confirmed. */
  readonly confirmationOrigin: string;
}

/** SNS Developer Guide, "Verifying the signatures of Amazon SNS messages": version 1 is SHA-1, version 2 SHA-256. */
const digests = { "1": "RSA-SHA1", "2": "RSA-SHA256" } as const;

/** The lines that are signed: each name and value on a line of its own, names in alphabetical order. */
const stringToSign = (fields: Readonly<Record<string, string>>): string =>
  Object.keys(fields)
    .sort()
    .map((name) => `${name}\n${fields[name] ?? ""}\n`)
    .join("");

type Envelope = Readonly<Record<string, string>>;

const signed = (fields: Envelope, { privateKeyPem, signingCertUrl, signatureVersion }: Signer): Envelope => ({
  ...fields,
  SignatureVersion: signatureVersion,
  Signature: createSign(digests[signatureVersion])
    .update(stringToSign(fields))
    .sign(privateKeyPem)
    .toString("base64"),
  SigningCertURL: signingCertUrl,
});

/** The message as SNS sends it without raw delivery, signed. */
export function snsEnvelope(
  { id, dueAtMs }: Pick<Notification, "id" | "dueAtMs">,
  content: SnsContent | ConfirmationContent,
  signer: Signer,
): Envelope {
  const fields = { MessageId: id, TopicArn: content.topicArn, Timestamp: new Date(dueAtMs).toISOString() };
  if (content.channel === "sns-confirmation") return confirmation(fields, content, signer);
  const origin = new URL(signer.signingCertUrl).origin;
  return {
    ...signed({ Type: "Notification", ...fields, Message: JSON.stringify(content.message) }, signer),
    UnsubscribeURL: `${origin}/?Action=Unsubscribe&SubscriptionArn=${content.topicArn}:simulated`,
  };
}

/** SNS Developer Guide, "HTTP/HTTPS subscription confirmation JSON format"; the address is signed too. */
function confirmation(fields: Envelope, { topicArn, token }: ConfirmationContent, signer: Signer): Envelope {
  const query = new URLSearchParams({ Action: "ConfirmSubscription", TopicArn: topicArn, Token: token });
  const Message =
    `You have chosen to subscribe to the topic ${topicArn}.\n` +
    "To confirm the subscription, visit the SubscribeURL included in this message.";
  const SubscribeURL = `${signer.confirmationOrigin}/?${query.toString()}`;
  return signed({ Type: "SubscriptionConfirmation", ...fields, Token: token, Message, SubscribeURL }, signer);
}

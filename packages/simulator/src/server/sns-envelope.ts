import { createSign } from "node:crypto";
import type { Notification, SnsContent } from "../rules/notification/notification.ts";

export interface Signer {
  readonly privateKeyPem: string;
  readonly signingCertUrl: string;
  readonly signatureVersion: "1" | "2";
}

/** SNS Developer Guide, "Verifying the signatures of Amazon SNS messages": version 1 is SHA-1, version 2 SHA-256. */
const digests = { "1": "RSA-SHA1", "2": "RSA-SHA256" } as const;

/** The lines that are signed: each name and value on a line of its own, names in alphabetical order. */
const stringToSign = (fields: Readonly<Record<string, string>>): string =>
  Object.keys(fields)
    .sort()
    .map((name) => `${name}\n${fields[name] ?? ""}\n`)
    .join("");

/** The message as SNS puts it into a queue without raw delivery, signed. */
export function snsEnvelope(
  { id, dueAtMs }: Pick<Notification, "id" | "dueAtMs">,
  { topicArn, message }: SnsContent,
  { privateKeyPem, signingCertUrl, signatureVersion }: Signer,
): Readonly<Record<string, string>> {
  const signed = {
    Type: "Notification",
    MessageId: id,
    TopicArn: topicArn,
    Message: JSON.stringify(message),
    Timestamp: new Date(dueAtMs).toISOString(),
  };
  const signature = createSign(digests[signatureVersion]).update(stringToSign(signed)).sign(privateKeyPem);
  const origin = new URL(signingCertUrl).origin;
  return {
    ...signed,
    SignatureVersion: signatureVersion,
    Signature: signature.toString("base64"),
    SigningCertURL: signingCertUrl,
    UnsubscribeURL: `${origin}/?Action=Unsubscribe&SubscriptionArn=${topicArn}:simulated`,
  };
}

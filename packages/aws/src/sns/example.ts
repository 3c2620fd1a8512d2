import { createSign, type KeyObject, createPrivateKey } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

/** For tests: a key like SNS's, with its certificate. */
export interface ExampleKey {
  readonly privateKey: KeyObject;
  readonly certificatePem: string;
}

export async function exampleKey(): Promise<ExampleKey> {
  const made = await generate([{ name: "commonName", value: "sns.example" }], { keySize: 2048 });
  return { privateKey: createPrivateKey(made.private), certificatePem: made.cert };
}

/** For tests: a server on this machine, to stand where SNS keeps its certificates. */
export async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { origin, certificateUrl: `${origin}/SimpleNotificationService-0123456789abcdef.pem`, close };
}

export const topicArn =
  "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123examplemailer0000000";

type Fields = Readonly<Record<string, string>>;

export const notification = (change: Fields = {}): Fields => ({
  Type: "Notification",
  MessageId: "5d2f8a10-7c41-4f0e-9b7e-3a3f6f1f0c55",
  TopicArn: topicArn,
  Message: JSON.stringify({
    action: "subscribe-success",
    "customer-identifier": "X77SAMPLEBUYER",
    "product-code": "n0123examplemailer0000000",
  }),
  Timestamp: "2026-08-20T14:23:11.013Z",
  ...change,
});

export const confirmation = (
  Type: "SubscriptionConfirmation" | "UnsubscribeConfirmation",
  change: Fields = {},
): Fields => ({
  ...notification(),
  Type,
  Message: "Somebody has chosen.\nTo confirm, open the address.",
  Token: "2336412f37sample",
  SubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
  ...change,
});

/** Signs the fields as SNS does: for version 1 with SHA-1, for version 2 with SHA-256. */
export function signed(fields: Fields, key: ExampleKey, version: string, SigningCertURL: string): Fields {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}\n${fields[name] ?? ""}\n`)
    .join("");
  const signature = createSign(version === "1" ? "RSA-SHA1" : "RSA-SHA256")
    .update(text)
    .sign(key.privateKey);
  return { ...fields, SignatureVersion: version, Signature: signature.toString("base64"), SigningCertURL };
}

import { type KeyObject, verify } from "node:crypto";
import { readJson } from "@tollhouse/core/json/read-json";
import * as z from "zod";
import type { Certificates } from "./certificate.ts";

const line = z.string().min(1).max(2_048);

/** As SNS posts it, and nothing that was added. Nothing is trimmed, since every letter is signed. */
const signedMessageSchema = z.object({
  Type: z.enum(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  MessageId: z.string().min(1).max(256),
  TopicArn: line,
  Message: z.string(),
  Timestamp: line,
  Subject: z.string().nullish(),
  Token: z.string().optional(),
  SubscribeURL: z.string().optional(),
  SignatureVersion: z.string(),
  Signature: line,
  SigningCertURL: line,
});
export type SignedMessage = z.output<typeof signedMessageSchema>;

/** Reads a posted body; nothing of it is proven yet. `undefined` when SNS would not have posted it. */
export function readSignedMessage(body: string, maxBytes: number): SignedMessage | undefined {
  const json = readJson(body, { maxBytes, maxDepth: 8 });
  return "refused" in json ? undefined : signedMessageSchema.safeParse(json.value).data;
}

/** Why a message is not taken for SNS's, in the order in which it is found out. */
export type SignatureRefusal =
  | "signature-version-unknown"
  /** Its certificate is not SNS's, or not there. */
  | "certificate-refused"
  | "signature-invalid";

/**
 * Whether SNS signed this message: `undefined` when it did (SNS Developer Guide, "Verifying the signatures of Amazon SNS
 * messages", read 2026). @throws CertificateUnavailableError when that cannot be found out now
 */
export async function refusalOf(
  message: SignedMessage,
  certificates: Certificates,
): Promise<SignatureRefusal | undefined> {
  const digest = Object.hasOwn(digests, message.SignatureVersion) && digests[message.SignatureVersion];
  if (digest === undefined || digest === false) return "signature-version-unknown";
  const key = await certificates.keyAt(message.SigningCertURL);
  if (key === undefined) return "certificate-refused";
  return isSigned(message, digest, key) ? undefined : "signature-invalid";
}

const digests: Partial<Record<string, string>> = { "1": "RSA-SHA1", "2": "RSA-SHA256" };

const isSigned = (message: SignedMessage, digest: string, key: KeyObject): boolean =>
  verify(digest, Buffer.from(textToSign(message)), key, Buffer.from(message.Signature, "base64"));

/** Every kind has its own fields, each name and value on a line, in the order of the alphabet. */
const signedFields = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: [
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
} as const satisfies Record<SignedMessage["Type"], readonly (keyof SignedMessage)[]>;

/**
 * Values may hold line breaks, so two messages can have one text. That lets nobody speak for another topic: the text ends in
 * the topic and the kind of the message that was signed, and both are compared whole with what we expect.
 */
const textToSign = (message: SignedMessage): string =>
  signedFields[message.Type]
    .map((name) => [name, message[name]] as const)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}\n${value ?? ""}\n`)
    .join("");

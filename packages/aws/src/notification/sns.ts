import { readJson } from "@tollhouse/core/json/read-json";
import type { Fact, FactId } from "@tollhouse/core/lifecycle/fact";
import * as z from "zod";
import { optionalFlag, optionalText, someInstant, text } from "./field.ts";
import { describeIssues, type NotificationReading } from "./reading.ts";

/** SNS Developer Guide, "Parsing Amazon SNS message formats" (read 2026). */
const envelopeSchema = z.discriminatedUnion(
  "Type",
  [
    z.object({
      Type: z.literal("Notification"),
      // Signed text is joined by line ends, so that none may hide in a field.
      MessageId: text.regex(/^[\x21-\x7e]+$/, "has characters that SNS never uses"),
      Timestamp: someInstant,
      Message: z.union([z.string(), z.record(z.string(), z.unknown())]),
    }),
    z.object({
      Type: z.literal("SubscriptionConfirmation"),
      TopicArn: text,
      Token: z.string().trim().min(1).max(4_096),
    }),
    z.object({ Type: z.literal("UnsubscribeConfirmation"), TopicArn: text }),
  ],
  { error: "is none of Notification, SubscriptionConfirmation, UnsubscribeConfirmation" },
);
type Notification = Extract<z.output<typeof envelopeSchema>, { Type: "Notification" }>;

/** Seller Guide, "Amazon SNS notifications for SaaS products" (read 2026): texts, the trial flag included. */
const messageSchema = z.object({
  action: text,
  "customer-identifier": text,
  "product-code": text,
  "offer-identifier": optionalText,
  isFreeTrialTermPresent: optionalFlag,
});
type Message = z.output<typeof messageSchema>;

const kindOf: Partial<
  Record<
    string,
    | "subscribe-succeeded"
    | "subscribe-failed"
    | "unsubscribe-pending"
    | "unsubscribe-succeeded"
    | "entitlement-updated"
  >
> = {
  "subscribe-success": "subscribe-succeeded",
  "subscribe-fail": "subscribe-failed",
  "unsubscribe-pending": "unsubscribe-pending",
  "unsubscribe-success": "unsubscribe-succeeded",
  "entitlement-updated": "entitlement-updated",
};

/** Reads what SNS sends of a Marketplace topic, into a queue or over HTTPS. MessageId and Timestamp survive its retries. */
export function readSnsEnvelope(value: unknown): NotificationReading {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) return { refused: `it is no SNS envelope: ${describeIssues(envelope.error)}` };
  switch (envelope.data.Type) {
    case "SubscriptionConfirmation":
      return { confirmation: { topicArn: envelope.data.TopicArn, token: envelope.data.Token } };
    case "UnsubscribeConfirmation":
      return { unsubscribed: envelope.data.TopicArn };
    case "Notification":
      return readMessage(envelope.data);
    default:
      return envelope.data satisfies never;
  }
}

/** SNS's Message is text; messages that people put back by hand have been seen with the object itself. */
function readMessage({ MessageId, Timestamp: at, Message: inner }: Notification): NotificationReading {
  const json =
    typeof inner === "string" ? readJson(inner, { maxBytes: 262_144, maxDepth: 16 }) : { value: inner };
  if ("refused" in json) return { refused: `its Message ${json.refused}` };
  const message = messageSchema.safeParse(json.value);
  if (!message.success) return { refused: `its Message is incomplete: ${describeIssues(message.error)}` };
  return toFact({ id: `sns:${MessageId}` as FactId, at }, message.data);
}

function toFact(base: Pick<Fact, "id" | "at">, message: Message): NotificationReading {
  const kind = Object.hasOwn(kindOf, message.action) ? kindOf[message.action] : undefined;
  if (kind === undefined) return { refused: `its action ${message.action} is not known` };
  const identified = {
    ...base,
    productCode: message["product-code"],
    customerIdentifier: message["customer-identifier"],
    offerId: message["offer-identifier"],
  };
  if (kind !== "subscribe-succeeded") return { fact: { kind, ...identified } };
  return { fact: { kind, ...identified, freeTrial: message.isFreeTrialTermPresent ?? false } };
}

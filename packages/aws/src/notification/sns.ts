import { readJson } from "@tollhouse/core/json/read-json";
import type { Fact, FactId } from "@tollhouse/core/lifecycle/fact";
import { parseInstant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { describeIssues, type NotificationReading } from "./reading.ts";

/** The documentation's own examples have blanks around identifiers. */
const text = z.string().trim().min(1).max(1_024);

const envelopeSchema = z.object({
  Type: text,
  MessageId: text,
  Timestamp: text,
  Message: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

/** Seller Guide, "Amazon SNS notifications for SaaS products" (read 2026): strings, the trial flag included. */
const messageSchema = z.object({
  action: text,
  "customer-identifier": text,
  "product-code": text,
  "offer-identifier": text.optional(),
  isFreeTrialTermPresent: z.union([z.boolean(), z.enum(["true", "false"])]).optional(),
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

/** Reads an SNS envelope of a Marketplace topic. MessageId and Timestamp are SNS's own and survive its retries. */
export function readSnsEnvelope(value: unknown): NotificationReading {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) return { refused: `it is no SNS envelope: ${describeIssues(envelope.error)}` };
  const { Type, MessageId, Timestamp, Message: inner } = envelope.data;
  if (Type === "SubscriptionConfirmation") {
    return {
      refused:
        "it is SNS's request to confirm the queue's subscription: open its SubscribeURL once, as the seller",
    };
  }
  if (Type !== "Notification") return { refused: `its Type ${Type} is no notification` };
  const at = parseInstant(Timestamp);
  if (at === undefined) return { refused: `its Timestamp ${Timestamp} is no RFC 3339 instant` };
  const json =
    typeof inner === "string" ? readJson(inner, { maxBytes: 262_144, maxDepth: 16 }) : { value: inner };
  if ("refused" in json) return { refused: `its Message ${json.refused}` };
  const message = messageSchema.safeParse(json.value);
  if (!message.success) return { refused: `its Message is incomplete: ${describeIssues(message.error)}` };
  const base = { id: `sns:${MessageId}` as FactId, at };
  return toFact(base, message.data);
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
  return {
    fact: { kind, ...identified, freeTrial: String(message.isFreeTrialTermPresent ?? false) === "true" },
  };
}

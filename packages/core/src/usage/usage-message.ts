import { readJson } from "../json/read-json.ts";

/** SQS carries at most 1 MiB. Deepest is SNS's or EventBridge's envelope with a batch in it: detail, events, event, data, tags. */
const messageBounds = { maxBytes: 1_048_576, maxDepth: 8 };
/** No usage event is shorter than a hundred bytes, so a message of SQS holds no more. */
export const maxEventsPerMessage = 10_000;

/** What a message holds: one thing, or a batch of them. Nothing is known of them yet. */
export interface Held {
  readonly values: readonly unknown[];
  readonly isBatch: boolean;
}

/** What to put into an envelope; every refusal of one says it. */
const remedy = "send one CloudEvent, or a JSON array of them";
const remedyOnBus = 'send one CloudEvent, or {"events":[…]} with several';
/** SNS's, with EventBridge's in it. */
const maxEnvelopes = 2;

/**
 * Reads a message of the usage queue: a CloudEvent or a JSON array of them, as it is or in the envelope of SNS (a topic's
 * notification, when raw message delivery is off) or of EventBridge (a rule's event).
 */
export function readUsageMessage(body: string): Held | { readonly refused: string } {
  const json = readJson(body, messageBounds);
  return "refused" in json ? { refused: `the body ${json.refused}` } : opened(json.value, 0);
}

function opened(value: unknown, envelopes: number): Held | { readonly refused: string } {
  if (Array.isArray(value)) return batch(value);
  const isEvent = !isRecord(value) || "specversion" in value;
  if (isEvent || !(isOfSns(value) || "detail-type" in value)) return { values: [value], isBatch: false };
  if (envelopes === maxEnvelopes)
    return { refused: `it is wrapped in more than ${maxEnvelopes} envelopes: ${remedy}` };
  return isOfSns(value) ? fromTopic(value, envelopes) : fromBus(value["detail"]);
}

function batch(values: readonly unknown[]): Held | { readonly refused: string } {
  return values.length <= maxEventsPerMessage
    ? { values, isBatch: true }
    : { refused: `it holds ${values.length} events; send at most ${maxEventsPerMessage} a message` };
}

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** SNS's envelope (SNS guide, "HTTP/HTTPS notification JSON format"; queues get the same). */
const isOfSns = (value: Fields): boolean => typeof value["Type"] === "string" && "Message" in value;

function fromTopic({ Type, Message }: Fields, envelopes: number): Held | { readonly refused: string } {
  if (Type === "SubscriptionConfirmation")
    return {
      refused:
        "SNS asks whether this queue wants a topic, which it does not answer: subscribe the queue from its own account, or open the message's SubscribeURL",
    };
  if (Type !== "Notification" || typeof Message !== "string")
    return { refused: `its SNS envelope is no notification with a text as Message: ${remedy} as Message` };
  const json = readJson(Message, messageBounds);
  if ("refused" in json)
    return { refused: `the Message in its SNS envelope ${json.refused}: ${remedy} as Message` };
  return opened(json.value, envelopes + 1);
}

/** EventBridge's envelope (EventBridge guide, "Event structure reference"); its detail is always an object. */
function fromBus(detail: unknown): Held | { readonly refused: string } {
  if (isRecord(detail) && "specversion" in detail) return { values: [detail], isBatch: false };
  const events = isRecord(detail) ? detail["events"] : undefined;
  if (Array.isArray(events)) return batch(events);
  return { refused: `the detail in its EventBridge envelope is no usage: ${remedyOnBus} as detail` };
}

import type { FactId } from "@tollhouse/core/lifecycle/fact";
import * as z from "zod";
import { agreementAmended, agreementCreated, agreementEnded, license, type Reader } from "./event-detail.ts";
import { someInstant, text } from "./field.ts";
import { isInformational, toNotice } from "./notice.ts";
import { describeIssues, type NotificationReading } from "./reading.ts";

const eventSchema = z.object({
  id: text,
  "detail-type": text,
  source: z.literal("aws.agreement-marketplace", { error: "is not aws.agreement-marketplace" }),
  time: someInstant,
  resources: z.array(z.unknown()).catch([]),
  detail: z.unknown(),
});

/** What moves subscriptions, by detail-type without its role (Seller Guide, EventBridge integration, autumn 2026). */
const readers: Partial<Record<string, Reader>> = {
  "License Updated": license("license-updated"),
  "License Deprovisioned": license("license-deprovisioned"),
  "Purchase Agreement Created": agreementCreated,
  "Purchase Agreement Amended": agreementAmended,
  "Purchase Agreement Ended": agreementEnded,
};

/** In whose role AWS tells us; a seller who also buys hears of those agreements as the acceptor. */
const suffix = /\s+-\s+(Manufacturer|Proposer|Acceptor)$/;

/** Reads an event of the seller account's default bus. Its id survives replays of an archive and redelivery. */
export function readEventBridgeEvent(value: unknown): NotificationReading {
  const event = eventSchema.safeParse(value);
  if (!event.success) return { refused: `it is no Marketplace event: ${describeIssues(event.error)}` };
  const { id, time: at, detail, resources, "detail-type": detailType } = event.data;
  const base = { id: `eventbridge:${id}` as FactId, at };
  const name = detailType.replace(suffix, "");
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  const isOurPurchase = suffix.exec(detailType)?.[1] === "Acceptor";
  if (read === undefined || isOurPurchase) {
    const known = read !== undefined || isInformational(name);
    return toNotice(base, { detailType, detail, resources }, known);
  }
  const fact = read(base, detail);
  return fact.success
    ? { fact: fact.data }
    : { refused: `its detail is incomplete: ${describeIssues(fact.error)}` };
}

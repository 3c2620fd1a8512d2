import { agreementEnds, type Fact, type FactId } from "@tollhouse/core/lifecycle/fact";
import { parseInstant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { describeIssues, type NotificationReading } from "./reading.ts";

const text = z.string().trim().min(1).max(1_024);

const eventSchema = z.object({
  id: text,
  "detail-type": text,
  source: z.literal("aws.agreement-marketplace", { error: "is not aws.agreement-marketplace" }),
  time: text,
  detail: z.unknown(),
});

const party = z.object({ accountId: text });
const offer = z.object({ id: text.nullish() }).nullish();
const agreementDetail = z.object({
  agreement: z.object({ id: text, intent: text.optional(), previousAgreementId: text.nullish() }),
  acceptor: party.optional(),
  offer,
});
const endedDetail = agreementDetail.extend({
  agreement: z.object({ id: text, status: z.enum(agreementEnds) }),
});
const licenseDetail = z.object({
  agreement: z.object({ id: text }),
  product: z.object({ code: text }),
  license: z.object({ arn: text }),
  acceptor: party,
  offer,
});

type Base = Pick<Fact, "id" | "at">;
type Reader = (base: Base, detail: unknown) => z.ZodSafeParseResult<Fact>;

const license =
  (kind: "license-updated" | "license-deprovisioned"): Reader =>
  (base, detail) =>
    licenseDetail
      .transform((value): Fact => ({
        ...base,
        kind,
        licenseArn: value.license.arn,
        agreementId: value.agreement.id,
        productCode: value.product.code,
        buyerAccountId: value.acceptor.accountId,
        offerId: value.offer?.id ?? undefined,
      }))
      .safeParse(detail);

const agreed = (value: z.output<typeof agreementDetail> | z.output<typeof endedDetail>) => ({
  agreementId: value.agreement.id,
  buyerAccountId: value.acceptor?.accountId,
  offerId: value.offer?.id ?? undefined,
});

/** By detail-type without its `- Manufacturer` or `- Proposer` (Seller Guide, EventBridge integration, autumn 2026). */
const readers: Partial<Record<string, Reader>> = {
  "License Updated": license("license-updated"),
  "License Deprovisioned": license("license-deprovisioned"),
  "Purchase Agreement Created": (base, detail) =>
    agreementDetail
      .transform((value): Fact => ({
        ...base,
        ...agreed(value),
        kind: "agreement-created",
        intent: value.agreement.intent ?? "NEW",
        previousAgreementId: value.agreement.previousAgreementId ?? undefined,
      }))
      .safeParse(detail),
  "Purchase Agreement Amended": (base, detail) =>
    agreementDetail
      .transform((value): Fact => ({ ...base, ...agreed(value), kind: "agreement-amended" }))
      .safeParse(detail),
  "Purchase Agreement Ended": (base, detail) =>
    endedDetail
      .transform((value): Fact => ({
        ...base,
        ...agreed(value),
        kind: "agreement-ended",
        status: value.agreement.status,
      }))
      .safeParse(detail),
};

/** Reads an event of the seller account's default bus. Its id survives replays of an archive and redelivery. */
export function readEventBridgeEvent(value: unknown): NotificationReading {
  const event = eventSchema.safeParse(value);
  if (!event.success) return { refused: `it is no Marketplace event: ${describeIssues(event.error)}` };
  const { id, time, detail } = event.data;
  const detailType = event.data["detail-type"];
  const at = parseInstant(time);
  if (at === undefined) return { refused: `its time ${time} is no RFC 3339 instant` };
  const name = detailType.replace(/ - (Manufacturer|Proposer)$/, "");
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (read === undefined) return { refused: `its detail-type "${detailType}" is not known to this version` };
  const fact = read({ id: `eventbridge:${id}` as FactId, at }, detail);
  return fact.success
    ? { fact: fact.data }
    : { refused: `its detail is incomplete: ${describeIssues(fact.error)}` };
}

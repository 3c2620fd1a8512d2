import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, findProduct } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import { wholeSecond } from "../time.ts";
import type { EventContent } from "./notification.ts";

/** How pay as you go says "no end" in an event, where the Agreement API says null. */
const noEnd = "9999-01-01T00:00:00Z";

const instantText = (atMs: number): string => new Date(atMs).toISOString();

interface EventHead {
  readonly id: string;
  readonly dueAtMs: number;
}

function envelope(
  catalogue: Catalogue,
  agreement: Agreement,
  { id, dueAtMs }: EventHead,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): EventContent {
  return {
    channel: "eventbridge",
    event: {
      version: "0",
      id,
      "detail-type": detailType,
      source: "aws.agreement-marketplace",
      account: catalogue.sellerAccountId,
      time: instantText(wholeSecond(dueAtMs)).replace(".000Z", "Z"),
      region: "us-east-1",
      resources: [`arn:aws:aws-marketplace::aws:agreement:${agreement.id}`],
      detail: { requestId: uuidOf(id, "request"), catalog: "AWSMarketplace", ...detail },
    },
  };
}

/** A seller who lists and offers hears as the proposer; one whose partner offers hears as the manufacturer. */
const agreementRole = (catalogue: Catalogue, agreement: Agreement): string =>
  agreement.proposerAccountId === catalogue.sellerAccountId ? "Proposer" : "Manufacturer";

const parties = (agreement: Agreement) => ({
  acceptor: { accountId: agreement.buyerAccountId },
  proposer: { accountId: agreement.proposerAccountId },
});

const resale = (catalogue: Catalogue, agreement: Agreement) => ({
  resaleAuthorization: {
    id:
      agreementRole(catalogue, agreement) === "Proposer"
        ? null
        : `resaleauthz-${uuidOf(agreement.id).slice(0, 13)}`,
  },
});

/** Names neither product nor license (Seller Guide, "SaaS EventBridge integration"). */
export const agreementCreated = (catalogue: Catalogue, agreement: Agreement, head: EventHead): EventContent =>
  envelope(
    catalogue,
    agreement,
    head,
    `Purchase Agreement Created - ${agreementRole(catalogue, agreement)}`,
    {
      agreement: {
        id: agreement.id,
        intent: "NEW",
        status: "ACTIVE",
        acceptanceTime: instantText(agreement.acceptedAtMs),
        startTime: instantText(agreement.startAtMs),
        endTime: agreement.endAtMs === null ? noEnd : instantText(agreement.endAtMs),
      },
      ...resale(catalogue, agreement),
      ...parties(agreement),
      offer: { id: agreement.offerId },
    },
  );

/** Real events of this kind name no offer, although the guide's example does. */
export const agreementEnded = (
  catalogue: Catalogue,
  agreement: Agreement,
  head: EventHead,
  status: "CANCELLED" | "EXPIRED",
): EventContent =>
  envelope(catalogue, agreement, head, `Purchase Agreement Ended - ${agreementRole(catalogue, agreement)}`, {
    agreement: { id: agreement.id, status },
    ...resale(catalogue, agreement),
    ...parties(agreement),
  });

/** License events go to the manufacturer alone and name agreement, product and license together. */
export const licenseEvent = (
  catalogue: Catalogue,
  agreement: Agreement,
  head: EventHead,
  happened: "Updated" | "Deprovisioned",
): EventContent =>
  envelope(catalogue, agreement, head, `License ${happened} - Manufacturer`, {
    agreement: { id: agreement.id },
    product: { id: findProduct(catalogue, agreement.productCode)?.id, code: agreement.productCode },
    license: { arn: agreement.licenseArn },
    ...parties(agreement),
    offer: { id: agreement.offerId },
  });

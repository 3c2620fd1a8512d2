import type { Agreement, EndStatus } from "../agreement/agreement.ts";
import { type Catalogue, findProduct } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import { wholeSecond } from "../time.ts";
import type { EventContent } from "./notification.ts";

/** How pay as you go says "no end" in an event, where the Agreement API says null. */
const noEnd = "9999-01-01T00:00:00Z";

export const instantText = (atMs: number): string => new Date(atMs).toISOString();

export interface EventHead {
  readonly id: string;
  readonly dueAtMs: number;
}

interface Said {
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The agreement when left out. */
  readonly resources?: readonly string[] | undefined;
}

/** An event of the seller's default bus about `agreement`. */
export const envelope = (
  catalogue: Catalogue,
  agreement: Agreement,
  { id, dueAtMs }: EventHead,
  { detailType, detail, resources }: Said,
): EventContent => ({
  channel: "eventbridge",
  event: {
    version: "0",
    id,
    "detail-type": detailType,
    source: "aws.agreement-marketplace",
    account: catalogue.sellerAccountId,
    time: instantText(wholeSecond(dueAtMs)).replace(".000Z", "Z"),
    region: "us-east-1",
    resources: resources ?? [`arn:aws:aws-marketplace::aws:agreement:${agreement.id}`],
    detail: { requestId: uuidOf(id, "request"), catalog: "AWSMarketplace", ...detail },
  },
});

/** A seller who lists and offers hears as the proposer; one whose partner offers hears as the manufacturer. */
const agreementRole = (catalogue: Catalogue, agreement: Agreement): string =>
  agreement.proposerAccountId === catalogue.sellerAccountId ? "Proposer" : "Manufacturer";

export const parties = (agreement: Agreement) => ({
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

const agreed = (agreement: Agreement, intent: Agreement["intent"] | "AMEND") => ({
  id: agreement.id,
  intent,
  status: "ACTIVE",
  acceptanceTime: instantText(agreement.acceptedAtMs),
  startTime: instantText(agreement.startAtMs),
  endTime: agreement.endAtMs === null ? noEnd : instantText(agreement.endAtMs),
  ...(agreement.previousAgreementId === null ? {} : { previousAgreementId: agreement.previousAgreementId }),
});

/**
 * Names neither product code nor license (Seller Guide, "SaaS EventBridge integration"). The guide's example of a
 * renewal has the product's id and title and the proposer's name, and no resale authorization.
 */
export function agreementCreated(catalogue: Catalogue, agreement: Agreement, head: EventHead): EventContent {
  const product = findProduct(catalogue, agreement.productCode);
  const { acceptor, proposer } = parties(agreement);
  const isRenewal = agreement.intent === "RENEW";
  const detail = {
    agreement: agreed(agreement, agreement.intent),
    ...(isRenewal ? { product: { id: product?.id, title: product?.title } } : resale(catalogue, agreement)),
    acceptor,
    proposer: isRenewal ? { ...proposer, name: "Simulated proposer" } : proposer,
    offer: { id: agreement.offerId },
  };
  const role = agreementRole(catalogue, agreement);
  return envelope(catalogue, agreement, head, { detailType: `Purchase Agreement Created - ${role}`, detail });
}

/** An amendment says whether the agreement is renewed, and who switched that off. */
export function agreementAmended(catalogue: Catalogue, agreement: Agreement, head: EventHead): EventContent {
  const detail = {
    agreement: { ...agreed(agreement, "AMEND"), autoRenewalEnabled: agreement.autoRenew },
    renewalSummary: { lockoutStartTime: null, disabledBy: agreement.renewalDisabledBy },
    ...resale(catalogue, agreement),
    ...parties(agreement),
    offer: { id: agreement.offerId },
  };
  const role = agreementRole(catalogue, agreement);
  return envelope(catalogue, agreement, head, { detailType: `Purchase Agreement Amended - ${role}`, detail });
}

/** Real events of this kind name no offer, although the guide's example does. */
export function agreementEnded(
  catalogue: Catalogue,
  agreement: Agreement,
  head: EventHead,
  status: EndStatus,
): EventContent {
  const detail = {
    agreement: { id: agreement.id, status },
    ...resale(catalogue, agreement),
    ...parties(agreement),
  };
  const role = agreementRole(catalogue, agreement);
  return envelope(catalogue, agreement, head, { detailType: `Purchase Agreement Ended - ${role}`, detail });
}

/** License events go to the manufacturer alone and name agreement, product and license together. */
export const licenseEvent = (
  catalogue: Catalogue,
  agreement: Agreement,
  head: EventHead,
  happened: "Updated" | "Deprovisioned",
): EventContent =>
  envelope(catalogue, agreement, head, {
    detailType: `License ${happened} - Manufacturer`,
    detail: {
      agreement: { id: agreement.id },
      product: { id: findProduct(catalogue, agreement.productCode)?.id, code: agreement.productCode },
      license: { arn: agreement.licenseArn },
      ...parties(agreement),
      offer: { id: agreement.offerId },
    },
  });

import { type Fact } from "@tollhouse/core/lifecycle/fact";
import { type RecordKey } from "@tollhouse/core/lifecycle/store";
import { absolute } from "../output/time.ts";

/** Who says what, in one sentence. */
export function factSentence(fact: Fact): string {
  switch (fact.kind) {
    case "subscribe-succeeded":
      return `AWS by SNS: subscribe-success${fact.freeTrial ? ", a free trial" : ""}${offer(fact.offerId)}`;
    case "subscribe-failed":
      return `AWS by SNS: subscribe-fail${offer(fact.offerId)}`;
    case "unsubscribe-pending":
      return "AWS by SNS: unsubscribe-pending";
    case "unsubscribe-succeeded":
      return "AWS by SNS: unsubscribe-success";
    case "entitlement-updated":
      return "AWS by SNS: entitlement-updated";
    case "agreement-created":
      return `AWS by EventBridge: agreement ${fact.agreementId} made, ${fact.intent}${fact.previousAgreementId === undefined ? "" : ` of ${fact.previousAgreementId}`}${term(fact)}${offer(fact.offerId)}`;
    case "agreement-amended":
      return `AWS by EventBridge: agreement ${fact.agreementId} amended${term(fact)}`;
    case "agreement-ended":
      return `${eventOrRead(fact)}: agreement ${fact.agreementId} ended, ${fact.status}`;
    case "license-updated":
      return `${eventOrRead(fact)}: license given under agreement ${fact.agreementId}${offer(fact.offerId)}`;
    case "license-deprovisioned":
      return `AWS by EventBridge: license taken away under agreement ${fact.agreementId}`;
    case "customer-registered":
      return `The buyer registered: ${named(fact)}`;
    case "notice":
      return `AWS by EventBridge: ${fact.detailType}${fact.known ? "" : " (unknown to this version)"}`;
    case "window-elapsed":
      return "Tollhouse: the time to report final usage is over";
    case "start-reached":
      return "Tollhouse: the agreement's start is reached";
    default:
      return fact satisfies never;
  }
}

const offer = (offerId: string | undefined): string => (offerId === undefined ? "" : `, offer ${offerId}`);

const eventOrRead = ({ reconciled }: { readonly reconciled?: true | undefined }): string =>
  reconciled ? "Read back from AWS" : "AWS by EventBridge";

function term({
  startsAt,
  endsAt,
  autoRenews,
}: Extract<Fact, { kind: "agreement-amended" }> | Extract<Fact, { kind: "agreement-created" }>): string {
  return [
    startsAt === undefined ? "" : `, from ${absolute(startsAt)}`,
    endsAt === undefined ? "" : `, to ${absolute(endsAt)}`,
    autoRenews === undefined ? "" : autoRenews ? ", renews by itself" : ", does not renew by itself",
  ].join("");
}

const named = ({
  buyerAccountId,
  customerIdentifier,
  licenseArn,
  reference,
}: Extract<Fact, { kind: "customer-registered" }>) =>
  [
    buyerAccountId === undefined ? undefined : `AWS account ${buyerAccountId}`,
    customerIdentifier === undefined ? undefined : `customer identifier ${customerIdentifier}`,
    licenseArn === undefined ? undefined : `license ${licenseArn}`,
    reference === undefined ? undefined : `reference ${reference}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");

/** A record as it is written on the command line: `agreement:agmt-1`. */
export const recordName = ({ kind, id }: RecordKey): string => `${kind}:${id}`;

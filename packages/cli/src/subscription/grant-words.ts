import type { Grant, Subscription } from "@tollhouse/core/lifecycle/subscription";
import { absolute } from "../output/time.ts";
import type { Paint } from "../output/view.ts";
import type { Instant } from "@tollhouse/core/time/instant";

const states: Record<Grant["state"], true> = {
  unknown: true,
  pending: true,
  active: true,
  cancelling: true,
  ended: true,
  failed: true,
};
export const grantStates: readonly string[] = Object.keys(states);

/** A grant in a sentence, with the instants that matter to it. */
export function grantSentence(grant: Grant, show: (at: Instant) => string = absolute): string {
  switch (grant.state) {
    case "unknown":
      return "unknown: nothing has said that it was granted";
    case "pending":
      return grant.startsAt === undefined
        ? "pending: agreed on, not in force yet"
        : `pending: agreed on, in force from ${show(grant.startsAt)}`;
    case "active":
      return `active since ${show(grant.since)}`;
    case "cancelling":
      return `cancelling: ${begun(grant)}cut at ${show(grant.cutAt)}; usage before that may be reported until ${show(grant.deadlineAt)}`;
    case "ended":
      return `ended: ${begun(grant)}cut at ${show(grant.cutAt)}`;
    case "failed":
      return `failed at ${show(grant.at)}: the payment did not go through`;
    default:
      return grant satisfies never;
  }
}

const begun = ({ since }: { readonly since?: Instant | undefined }): string =>
  since === undefined ? "never in force, " : `in force from ${absolute(since)}, `;

/** When it came to be in this state, as far as the state says. */
export function changedAt(grant: Grant): Instant | undefined {
  switch (grant.state) {
    case "unknown":
      return undefined;
    case "pending":
      return grant.startsAt;
    case "active":
      return grant.since;
    case "cancelling":
    case "ended":
      return grant.cutAt;
    case "failed":
      return grant.at;
    default:
      return grant satisfies never;
  }
}

export const paintState = (paint: Paint, state: Grant["state"]): ((text: string) => string) =>
  state === "active"
    ? paint.good
    : state === "cancelling" || state === "failed" || state === "unknown"
      ? paint.warn
      : paint.quiet;

/** What the fields that changed say now, in words. */
export function changeSentences(changed: Partial<Subscription>): readonly string[] {
  const { grant, earlierGrants, registration, customerId, agreementId, term, identity } = changed;
  const past = earlierGrants?.at(-1);
  const said = [
    grant && grantSentence(grant),
    past && `the grant before, from ${absolute(past.since)} to ${absolute(past.cutAt)}, is kept apart`,
    registration === "registered" ? `registered as ${customerId ?? "a customer"}` : customerId,
    agreementId && `the license is agreement ${agreementId}'s`,
    term && `term: ${termSentence(term)}`,
    changed.buyerAccountId && `the buyer is AWS account ${changed.buyerAccountId}`,
    changed.licenseArn && `its license is ${changed.licenseArn}`,
    identity?.by === "license" && `the license's ARN in full: ${identity.licenseArn}`,
    changed.offerId && `offer ${changed.offerId}`,
    changed.freeTrial === undefined
      ? undefined
      : changed.freeTrial
        ? "a free trial"
        : "no free trial any more",
  ];
  return said.filter((sentence) => typeof sentence === "string");
}

/** A term in words. */
export function termSentence(
  { intent, startsAt, endsAt, autoRenews }: NonNullable<Subscription["term"]>,
  show: (at: Instant) => string = absolute,
): string {
  return [
    intent,
    startsAt === undefined ? undefined : `from ${show(startsAt)}`,
    endsAt === undefined ? "without an end" : `to ${show(endsAt)}`,
    autoRenews === undefined ? undefined : autoRenews ? "renews by itself" : "does not renew by itself",
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

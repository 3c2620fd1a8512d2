import { configuration } from "./configuration";
import type { Permission } from "./permission";

/** The actions of each duty that a function fulfils; the seller's roles grant the same ones. */
const actions = {
  registration: "aws-marketplace:ResolveCustomer",
  lifecycle: "aws-marketplace:GetEntitlements",
  metering: "aws-marketplace:BatchMeterUsage",
} as const;

/** Lets a function act for the seller: through the duty's role, or directly where production is the seller's own account. */
export function actFor(duty: keyof typeof actions): Permission {
  const { accountId, assumeRole } = configuration.seller;
  if (assumeRole !== undefined) {
    return {
      actions: ["sts:AssumeRole"],
      resources: [`arn:aws:iam::${accountId}:role/${assumeRole.roles[duty]}`],
    };
  }
  // AWS offers nothing narrower: these actions know no resource types and no condition keys ("Actions, resources, and
  // condition keys for AWS Marketplace Metering Service" and "... Entitlement Service", Service Authorization Reference).
  return { actions: [actions[duty]], resources: ["*"] };
}

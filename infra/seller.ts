import { actionsOf } from "@tollhouse/functions/manifest";
import { configuration } from "./configuration";
import type { Permission } from "./permission";

/** Lets a function act for the seller: through the duty's role, or directly where production is the seller's own account. */
export function actFor(duty: keyof typeof actionsOf): Permission {
  const { accountId, assumeRole } = configuration.seller;
  if (assumeRole !== undefined) {
    return {
      actions: ["sts:AssumeRole"],
      resources: [`arn:aws:iam::${accountId}:role/${assumeRole.roles[duty]}`],
    };
  }
  // AWS offers nothing narrower: these actions know no resource types and no condition keys that we could use ("Actions,
  // resources, and condition keys for AWS Marketplace Metering Service", "... Entitlement Service", Service Authorization Reference).
  return { actions: [...actionsOf[duty]], resources: ["*"] };
}

import { MarketplaceMeteringClient, ResolveCustomerCommand } from "@aws-sdk/client-marketplace-metering";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { ResolvedBuyer, TokenResolver } from "@tollhouse/core/lifecycle/register";
import { pageClientSettings } from "../client-settings.ts";
import { faultOf, MarketplaceUnavailableError } from "./error.ts";
import { sellerRole } from "./role.ts";

/** ResolveCustomer through the seller's registration role. Blanks around identifiers are AWS's own and are taken off. */
export function marketplaceTokenResolver(configuration: Configuration): TokenResolver {
  const role = sellerRole(configuration, "registration", "registration");
  const client = new MarketplaceMeteringClient({
    ...pageClientSettings,
    region: "us-east-1",
    credentials: role.credentials,
  });
  return {
    async resolve(token) {
      try {
        const answer = await client.send(new ResolveCustomerCommand({ RegistrationToken: token }));
        return readAnswer(answer);
      } catch (error) {
        const fault = faultOf(error, { operation: "ResolveCustomer", role });
        if (fault.kind === "token") return { refused: fault.refusal };
        throw new MarketplaceUnavailableError("ResolveCustomer", fault.reason, error);
      }
    },
  };
}

interface Answer {
  readonly ProductCode?: string | undefined;
  readonly CustomerAWSAccountId?: string | undefined;
  readonly CustomerIdentifier?: string | undefined;
  readonly LicenseArn?: string | undefined;
}

/** AWS types every field as optional; without a product code the answer means nothing to us. */
function readAnswer(answer: Answer): { buyer: ResolvedBuyer } | { refused: "invalid" } {
  const given = (text: string | undefined) =>
    text === undefined || text.trim() === "" ? undefined : text.trim();
  const productCode = given(answer.ProductCode);
  if (productCode === undefined) return { refused: "invalid" };
  return {
    buyer: {
      productCode,
      buyerAccountId: given(answer.CustomerAWSAccountId),
      customerIdentifier: given(answer.CustomerIdentifier),
      licenseArn: given(answer.LicenseArn),
    },
  };
}

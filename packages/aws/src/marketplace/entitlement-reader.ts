import {
  type Entitlement as AwsEntitlement,
  GetEntitlementsCommand,
  type GetEntitlementsRequest,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import type { Configuration, Product } from "@tollhouse/core/configuration/configuration";
import type { Entitlement, EntitlementReader } from "@tollhouse/core/entitlement/entitlement";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import { instant } from "@tollhouse/core/time/instant";
import { clientSettings } from "../client-settings.ts";
import { asUnavailable, MarketplaceUnavailableError } from "./error.ts";
import { entitlementCallsPerSecond, pace } from "./pace.ts";
import { sellerRole } from "./role.ts";

/** AWS's own limit of rows a page (GetEntitlements reference), and ours of pages a read. */
const rowsPerPage = 25;
const maxPages = 200;

/**
 * GetEntitlements through the seller's lifecycle role, in us-east-1, the only Region that has it. Calls wait their turn, since
 * AWS counts them over the whole account; one that is throttled all the same is repeated by the SDK, later and later.
 */
export function marketplaceEntitlementReader(
  configuration: Configuration,
  sessionName: string,
): EntitlementReader {
  const role = sellerRole(configuration, "lifecycle", sessionName);
  const client = new MarketplaceEntitlementServiceClient({
    ...clientSettings,
    region: "us-east-1",
    credentials: role.credentials,
  });
  const readPage = pace(entitlementCallsPerSecond, (request: GetEntitlementsRequest) =>
    client.send(new GetEntitlementsCommand(request)),
  );
  const readPages = async (request: GetEntitlementsRequest): Promise<AwsEntitlement[]> => {
    const rows: AwsEntitlement[] = [];
    let token: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await readPage({ ...request, NextToken: token, MaxResults: rowsPerPage });
      rows.push(...(answer.Entitlements ?? []));
      token = answer.NextToken;
      // An empty page may still name a next one (GetEntitlements reference).
      if (token === undefined || token === "") return rows;
    }
    throw new MarketplaceUnavailableError("GetEntitlements", `more than ${maxPages} pages`, undefined);
  };
  return {
    async read(subscription, { code, generation }) {
      try {
        const rows = await readPages({ ProductCode: code, Filter: filterFor(subscription, generation) });
        return rows.flatMap(toEntitlement);
      } catch (error) {
        throw asUnavailable(error, { operation: "GetEntitlements", role });
      }
    },
  };
}

/**
 * By license, never by account: one account may hold several agreements for a product, and so may an old identifier once its
 * listing migrates.
 */
function filterFor(
  { identity, licenseArn }: Subscription,
  generation: Product["generation"],
): NonNullable<GetEntitlementsRequest["Filter"]> {
  if (identity.by === "license") return { LICENSE_ARN: [identity.licenseArn] };
  return generation === "migrating" && licenseArn !== undefined
    ? { LICENSE_ARN: [licenseArn] }
    : { CUSTOMER_IDENTIFIER: [identity.customerIdentifier] };
}

function toEntitlement({ Dimension, Value, ExpirationDate }: AwsEntitlement): Entitlement[] {
  const value = Value?.IntegerValue ?? Value?.DoubleValue ?? Value?.BooleanValue ?? Value?.StringValue;
  if (Dimension === undefined || value === undefined) return [];
  const expiresAt = ExpirationDate === undefined ? undefined : instant(ExpirationDate.getTime());
  return [{ dimension: Dimension, value, expiresAt }];
}

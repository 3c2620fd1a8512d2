import { MarketplaceAgreementClient, SearchAgreementsCommand } from "@aws-sdk/client-marketplace-agreement";
import {
  GetEntitlementsCommand,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import type { Asked } from "@tollhouse/core/doctor/product";
import { faultOf } from "../marketplace/error.ts";
import { pace } from "../marketplace/pace.ts";
import { clientFor, read, type Reading } from "./reading.ts";

/** Reconciliation asks beside us, and AWS takes 5 a second of both; what is throttled all the same is asked again. */
const searchesPerSecond = 2;
const maxAttempts = 4;

/** The same for every run, since one may follow another at once. */
const search = pace(searchesPerSecond, (client: MarketplaceAgreementClient, order: SearchAgreementsCommand) =>
  client.send(order),
);

/** Reads of AWS Marketplace that show whether it knows a listing as the seller's; what they answer is not looked at. */
export interface MarketplaceReader {
  /** @throws UnreadableError */
  entitlements(productCode: string): Promise<Asked>;
  /** @throws UnreadableError */
  agreements(productId: string): Promise<Asked>;
}

/** @param auditRoleArn `undefined`: the function's own role asks */
export function marketplaceReader(reading: Reading, auditRoleArn: string | undefined): MarketplaceReader {
  const entitlements = new MarketplaceEntitlementServiceClient({ ...clientFor(reading), maxAttempts });
  const agreements = new MarketplaceAgreementClient({ ...clientFor(reading), maxAttempts });
  const role = { duty: "audit" as const, arn: auditRoleArn };
  const ask = (operation: string, work: () => Promise<unknown>): Promise<Asked> =>
    read(reading, `aws-marketplace:${operation}`, async () => {
      try {
        await work();
        return { kind: "answered" };
      } catch (error) {
        const fault = faultOf(error, { operation, role });
        if (fault.kind === "barred") return { kind: "barred", reason: fault.reason };
        if (fault.kind === "request") return { kind: "not-known", reason: fault.reason };
        throw error;
      }
    });
  return {
    entitlements: (ProductCode) =>
      ask("GetEntitlements", () =>
        entitlements.send(new GetEntitlementsCommand({ ProductCode, MaxResults: 1 })),
      ),
    agreements: (productId) =>
      ask("SearchAgreements", () =>
        search(
          agreements,
          new SearchAgreementsCommand({
            catalog: "AWSMarketplace",
            filters: [
              { name: "PartyType", values: ["Proposer"] },
              { name: "AgreementType", values: ["PurchaseAgreement"] },
              { name: "ResourceIdentifier", values: [productId] },
            ],
            maxResults: 1,
          }),
        ),
      ),
  };
}

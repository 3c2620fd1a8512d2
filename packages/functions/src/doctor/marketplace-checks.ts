import { marketplaceReader } from "@tollhouse/aws/doctor/marketplace-reader";
import { hasEntitlements, metersUsage } from "@tollhouse/core/configuration/product";
import type { Check } from "@tollhouse/core/doctor/examine";
import { judgeAgreements, judgeEntitlements, judgeSwitch } from "@tollhouse/core/doctor/product";
import type { SwitchStore } from "@tollhouse/core/metering/store";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";
import { type SellerAccess, sellerRolesOf } from "./seller-reading.ts";

/** Whether AWS Marketplace knows the listings as the seller's, and whether their usage is on its way there. */
export function marketplaceChecks(
  { configuration, remedies }: Installation,
  access: SellerAccess,
  switches: Pick<SwitchStore, "load">,
): readonly Check[] {
  const group = "marketplace";
  const reader = once(async () =>
    marketplaceReader(await access.reading(), sellerRolesOf(configuration)?.arnOf("audit")),
  );
  return configuration.products.flatMap((product): readonly Check[] => {
    const { title, code, id } = product;
    return [
      ...(hasEntitlements(product)
        ? [
            {
              id: `marketplace.entitlements.${code}`,
              group,
              tried: `AWS Marketplace tells the entitlements of ${title}`,
              look: async () =>
                judgeEntitlements(await (await reader()).entitlements(code), product, remedies),
            } as const,
          ]
        : []),
      ...(id === undefined
        ? []
        : [
            {
              id: `marketplace.agreements.${id}`,
              group,
              tried: `AWS Marketplace tells the agreements of ${title}`,
              look: async () => judgeAgreements(await (await reader()).agreements(id), product, remedies),
            } as const,
          ]),
      ...(metersUsage(product)
        ? [
            {
              id: `marketplace.metering.${code}`,
              group,
              tried: `Nothing holds up the metering of ${title}`,
              look: async () => judgeSwitch(await switches.load(code)),
            } as const,
          ]
        : []),
    ];
  });
}

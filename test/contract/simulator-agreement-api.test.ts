import {
  DescribeAgreementCommand,
  GetAgreementEntitlementsCommand,
  GetAgreementTermsCommand,
  MarketplaceAgreementClient,
  ResourceNotFoundException,
  SearchAgreementsCommand,
  ValidationException,
} from "@aws-sdk/client-marketplace-agreement";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buyer, errorName, startAt, startWorld } from "./simulator-world.ts";

let world: Awaited<ReturnType<typeof startWorld>>;
let client: MarketplaceAgreementClient;
beforeAll(async () => {
  world = await startWorld("http://127.0.0.1:9");
  client = new MarketplaceAgreementClient(world.as("Everything"));
});
afterAll(() => world.close());

const proposed = [
  { name: "PartyType", values: ["Proposer"] },
  { name: "AgreementType", values: ["PurchaseAgreement"] },
];
const endAt = "2027-08-20T23:59:59.999Z";

it("SearchAgreements pages through what the seller proposed, with times, license and chain", async () => {
  const { agreementId, licenseArn } = await world.subscribe("new-contract", { endAt, autoRenew: true });
  const second = await world.subscribe("new-metered");
  await world.subscribe("new-metered", { proposerAccountId: "999900001111" });
  const page = async (nextToken?: string) =>
    client.send(
      new SearchAgreementsCommand({
        catalog: "AWSMarketplace",
        filters: proposed,
        maxResults: 1,
        nextToken,
        sort: { sortBy: "EndTime", sortOrder: "ASCENDING" },
      }),
    );
  const one = await page();
  expect(one.agreementViewSummaries).toMatchObject([
    {
      agreementId,
      agreementType: "PurchaseAgreement",
      status: "ACTIVE",
      acceptanceTime: new Date(startAt),
      startTime: new Date(startAt),
      endTime: new Date(endAt),
      lastUpdateTime: new Date(startAt),
      acceptor: { accountId: buyer },
      proposer: { accountId: "111122223333" },
      initialAgreementId: agreementId,
      entitlements: [{ licenseArn }],
      endTimeBehaviorType: "RENEW",
      proposalSummary: { resources: [{ id: "prod-new-contract", type: "SaaSProduct" }] },
    },
  ]);
  const two = await page(one.nextToken);
  expect(two.agreementViewSummaries?.map((view) => view.agreementId)).toEqual([second.agreementId]);
  expect(two.agreementViewSummaries?.[0]?.endTime).toBeUndefined();
  expect(two.nextToken).toBeUndefined();
});

it("a wrong search is refused with the client's own exception and its reason", async () => {
  const refusal = await client
    .send(new SearchAgreementsCommand({ filters: proposed.slice(0, 1) }))
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ValidationException);
  expect(refusal).toMatchObject({ reason: "INVALID_AGREEMENT_TYPE" });
});

it("DescribeAgreement, GetAgreementTerms and GetAgreementEntitlements tell of one agreement", async () => {
  const { agreementId, licenseArn } = await world.subscribe("new-contract", {
    endAt,
    freeTrial: true,
    entitlements: [{ dimension: "seats", value: 5 }],
  });
  const description = await client.send(new DescribeAgreementCommand({ agreementId }));
  expect(description).toMatchObject({
    agreementId,
    endTime: new Date(endAt),
    status: "ACTIVE",
    endTimeBehavior: { type: "EXPIRE", reasonCode: "ACCEPTOR_RENEW_OPTED_OUT" },
  });
  const { acceptedTerms = [] } = await client.send(new GetAgreementTermsCommand({ agreementId }));
  expect(acceptedTerms.find((term) => term.freeTrialPricingTerm)).toBeDefined();
  expect(acceptedTerms.find((term) => term.validityTerm)?.validityTerm).toMatchObject({
    type: "ValidityTerm",
    agreementEndDate: new Date(endAt),
  });
  expect(acceptedTerms.find((term) => term.renewalTerm)?.renewalTerm?.configuration).toEqual({
    enableAutoRenew: false,
  });
  const purchased = acceptedTerms.find((term) => term.configurableUpfrontPricingTerm);
  expect(purchased?.configurableUpfrontPricingTerm?.configuration?.dimensions).toEqual([
    { dimensionKey: "seats", dimensionValue: 5 },
  ]);
  const entitlements = async () =>
    (await client.send(new GetAgreementEntitlementsCommand({ agreementId }))).agreementEntitlements;
  expect(await entitlements()).toMatchObject([{ status: "PENDING", licenseArn }]);
  await world.advance(100);
  expect(await entitlements()).toMatchObject([{ status: "PROVISIONED", licenseArn }]);
});

it("an agreement that a channel partner proposed is not found", async () => {
  const { agreementId } = await world.subscribe("new-metered", { proposerAccountId: "999900001111" });
  await expect(client.send(new DescribeAgreementCommand({ agreementId }))).rejects.toThrow(
    ResourceNotFoundException,
  );
});

it("each operation needs its own action", async () => {
  const metering = new MarketplaceAgreementClient(world.as("Metering"));
  const search = new SearchAgreementsCommand({ filters: proposed });
  const agreementId = "agmt-any";
  const outcomes = [
    metering.send(search),
    metering.send(new DescribeAgreementCommand({ agreementId })),
    metering.send(new GetAgreementTermsCommand({ agreementId })),
    metering.send(new GetAgreementEntitlementsCommand({ agreementId })),
  ];
  for (const outcome of outcomes) expect(await errorName(outcome)).toBe("AccessDeniedException");
});

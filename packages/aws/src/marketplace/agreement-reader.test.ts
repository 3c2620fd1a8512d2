import type { ObservedAgreement } from "@tollhouse/core/reconciliation/agreement-reader";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { afterEach, describe, expect, test, vi } from "vitest";
import { awsError, type ScriptedAnswer, scriptedService, sessionAnswer } from "../scripted-service.ts";
import { marketplaceAgreementReader } from "./agreement-reader.ts";

const since = at("2026-08-20T14:00:00Z");
const epochSecond = (text: string) => at(text) / 1_000;

const summary = (change: object = {}) => ({
  agreementId: "agmt-7sample",
  acceptor: { accountId: "123456789012" },
  proposer: { accountId: "111122223333" },
  agreementType: "PurchaseAgreement",
  proposalSummary: { offerId: "offer-sample7", resources: [{ id: "prod-sample", type: "SaaSProduct" }] },
  status: "ACTIVE",
  startTime: epochSecond("2026-08-01T00:00:00Z"),
  endTime: epochSecond("2027-07-31T23:59:59Z"),
  lastUpdateTime: epochSecond("2026-08-20T14:23:11Z"),
  entitlements: [{ licenseArn: "arn:aws:license-manager::294406891311:license:l-7" }],
  ...change,
});
const page = (summaries: object[], nextToken?: string): ScriptedAnswer => ({
  body: { agreementViewSummaries: summaries, nextToken },
});

const services: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const service of services.splice(0)) await service.close();
});

/** Reads against a scripted Agreement API, until the end or an error. */
async function read(...script: [ScriptedAnswer, ...ScriptedAnswer[]]) {
  const [api, sts] = await Promise.all([scriptedService(...script), scriptedService(sessionAnswer)]);
  const warned: string[] = [];
  services.push(api, sts);
  vi.stubEnv("AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT", api.url);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-no-worth");
  const reader = marketplaceAgreementReader({ ...exampleConfiguration }, "test", {
    warn: (message, more) => void warned.push(JSON.stringify([message, more])),
  });
  const agreements: ObservedAgreement[] = [];
  const error = await (async () => {
    for await (const agreement of reader.agreements("prod-sample", since)) agreements.push(agreement);
  })().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { agreements, error, warned, calls: api.calls, sts: sts.calls };
}

describe("agreements read back from AWS", () => {
  test("are those that we proposed for the product and that changed at the instant or later, oldest change first", async () => {
    const { calls, sts } = await read(page([]));
    expect(calls.map(({ operation, body }) => ({ operation, body }))).toEqual([
      {
        operation: "AWSMPCommerceService_v20200301.SearchAgreements",
        body: {
          catalog: "AWSMarketplace",
          filters: [
            { name: "PartyType", values: ["Proposer"] },
            { name: "AgreementType", values: ["PurchaseAgreement"] },
            { name: "ResourceIdentifier", values: ["prod-sample"] },
            { name: "AfterLastUpdateTime", values: ["2026-08-20T13:59:59Z"] },
          ],
          sort: { sortBy: "LastUpdateTime", sortOrder: "ASCENDING" },
        },
      },
    ]);
    expect(calls[0]?.signedBy).toMatch(/^SESSION\/\d{8}\/us-east-1\/aws-marketplace$/);
    expect(sts[0]?.body).toMatchObject({
      RoleArn: expect.stringMatching(/Lifecycle$/) as string,
      RoleSessionName: "tollhouse-test",
    });
  });

  test("say what AWS says", async () => {
    expect((await read(page([summary()]))).agreements).toEqual([
      {
        agreementId: "agmt-7sample",
        status: "ACTIVE",
        buyerAccountId: "123456789012",
        offerId: "offer-sample7",
        startsAt: at("2026-08-01T00:00:00Z"),
        endsAt: at("2027-07-31T23:59:59Z"),
        changedAt: at("2026-08-20T14:23:11Z"),
        licenseArns: ["arn:aws:license-manager::294406891311:license:l-7"],
      },
    ]);
  });

  test("leave out what AWS leaves out: no end, no offer, no license yet", async () => {
    const bare = { endTime: null, startTime: undefined, proposalSummary: undefined, entitlements: null };
    expect((await read(page([summary(bare)]))).agreements).toMatchObject([
      { endsAt: undefined, startsAt: undefined, offerId: undefined, licenseArns: [] },
    ]);
  });

  test("of a status that this version does not know have none", async () => {
    expect((await read(page([summary({ status: "PAUSED" })]))).agreements).toMatchObject([
      { status: undefined },
    ]);
  });

  test("are read page by page, also over an empty page", async () => {
    const { agreements, calls } = await read(
      page([summary({ agreementId: "agmt-1" })], "two"),
      page([], "three"),
      page([summary({ agreementId: "agmt-2" })]),
    );
    expect(agreements.map(({ agreementId }) => agreementId)).toEqual(["agmt-1", "agmt-2"]);
    expect(calls.map(({ body }) => body["nextToken"])).toEqual([undefined, "two", "three"]);
  });

  test("begin with the instant itself, and not before", async () => {
    const changedAt = (text: string) => summary({ agreementId: text, lastUpdateTime: epochSecond(text) });
    const { agreements } = await read(
      page([
        changedAt("2026-08-20T13:59:59Z"),
        changedAt("2026-08-20T14:00:00Z"),
        summary({ agreementId: "undated", lastUpdateTime: undefined }),
      ]),
    );
    expect(agreements.map(({ agreementId }) => agreementId)).toEqual(["2026-08-20T14:00:00Z", "undated"]);
  });

  test("without a buyer hold up no other, and are a warning in the log", async () => {
    const { agreements, error, warned } = await read(
      page([summary({ agreementId: "agmt-bad", acceptor: {} }), summary()]),
    );
    expect(agreements).toHaveLength(1);
    expect(error).toBeUndefined();
    expect(warned).toEqual([expect.stringContaining("agmt-bad")]);
  });

  test("are asked for again when AWS is too busy", async () => {
    const { agreements, calls } = await read(awsError("ThrottlingException"), page([summary()]));
    expect(agreements).toHaveLength(1);
    expect(calls).toHaveLength(2);
  });

  test("are an error that names the action when the role lacks it", async () => {
    const { error } = await read(awsError("AccessDeniedException"));
    expect(error).toMatchObject({
      retryable: true,
      message: expect.stringMatching(
        /lacks aws-marketplace:SearchAgreements, an action of the duty "lifecycle"/,
      ) as string,
    });
  });
});

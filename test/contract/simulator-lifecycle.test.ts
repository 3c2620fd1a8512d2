import { get } from "node:http";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
} from "@aws-sdk/client-marketplace-metering";
import type { SimulatorConfigurationInput } from "@tollhouse/simulator/server/configuration";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buyer, startQueues, startWorld } from "./simulator-world.ts";

let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  queues = await startQueues("intake");
});
afterAll(() => queues.close());

async function begin(change: Partial<SimulatorConfigurationInput> = {}) {
  await queues.drain("intake");
  const world = await startWorld(queues.url, change);
  onTestFinished(() => world.close());
  const client = new MarketplaceMeteringClient(world.as("Everything"));
  const arrived = async (seconds: number) => {
    await world.advance(seconds);
    await world.flush();
    return (await queues.drain("intake")).map(
      (event) => event["detail-type"] ?? (JSON.parse(String(event["Message"])) as { action: string }).action,
    );
  };
  const post = async (path: string, body: object = {}) => (await world.call("POST", path, body)).body;
  return { world, client, arrived, post };
}

describe("agreements through the control API", () => {
  it("a replacement and a renewal give new agreements, and the queue hears of each", async () => {
    const { world, arrived, post } = await begin();
    const first = await world.subscribe("new-contract", {
      entitlements: [{ dimension: "seats", value: 5 }],
    });
    await arrived(100);
    const second = await post(`/agreements/${first.agreementId}/replace`, { offerId: "offer-better" });
    expect(second).toMatchObject({
      intent: "REPLACE",
      previousAgreementId: first.agreementId,
      licenseArn: first.licenseArn,
      offerId: "offer-better",
      status: "ACTIVE",
    });
    expect(await arrived(72)).toEqual([
      "Purchase Agreement Ended - Proposer",
      "Purchase Agreement Created - Proposer",
      "License Updated - Manufacturer",
    ]);
    const third = await post(`/agreements/${String(second["agreementId"])}/renew`);
    expect(third).toMatchObject({ intent: "RENEW", initialAgreementId: first.agreementId });
  });

  it("a term with autoRenew goes on by itself as the clock passes its end, however far it leaps", async () => {
    const { world, arrived } = await begin();
    await world.subscribe("new-contract", { autoRenew: true, endAt: "2026-09-20T14:23:11.013Z" });
    await arrived(100);
    await world.call("POST", "/clock", { now: "2026-12-01T00:00:00Z" });
    const { body } = await world.call("GET", "/agreements");
    expect(body["agreements"]).toMatchObject([
      { status: "RENEWED" },
      { status: "RENEWED" },
      { status: "RENEWED" },
      { status: "ACTIVE", licenseStatus: "PROVISIONED", endAt: "2026-12-20T14:23:11.013Z" },
    ]);
    expect(await arrived(0)).toHaveLength(9);
  });

  it("an amendment, a termination and an event of any kind are sent on", async () => {
    const { world, arrived, post } = await begin();
    const { agreementId } = await world.subscribe("new-contract", { autoRenew: true });
    await arrived(100);
    expect(await post(`/agreements/${agreementId}/amend`, { autoRenew: false })).toMatchObject({
      autoRenew: false,
    });
    expect(await arrived(5)).toEqual(["Purchase Agreement Amended - Proposer"]);
    await post(`/agreements/${agreementId}/events`, { kind: "advisory-issued" });
    await post(`/agreements/${agreementId}/events`, { kind: "unknown", detailType: "Painted" });
    expect(await arrived(0)).toEqual(["Purchase Agreement Advisory Issued - Manufacturer", "Painted"]);
    expect(await post(`/agreements/${agreementId}/terminate`)).toMatchObject({ status: "TERMINATED" });
    expect(await arrived(31)).toEqual([
      "Purchase Agreement Ended - Proposer",
      "License Deprovisioned - Manufacturer",
    ]);
  });

  it("a failed payment is a subscribe-fail", async () => {
    const { world, arrived } = await begin();
    await world.subscribe("old-metered", { paymentFails: true });
    expect(await arrived(5)).toEqual(["subscribe-fail"]);
  });

  it("the first answers may lack the license, by the world's setting or the agreement's", async () => {
    const { world, client } = await begin({ licenseArnMissing: 1 });
    const resolve = async (RegistrationToken: string) =>
      (await client.send(new ResolveCustomerCommand({ RegistrationToken }))).LicenseArn;
    const one = await world.subscribe("new-metered");
    expect(await resolve(one.registrationToken)).toBeUndefined();
    expect(await resolve(one.registrationToken)).toBe(one.licenseArn);
    const other = await world.subscribe("new-metered", { licenseArnMissing: 0 });
    expect(await resolve(other.registrationToken)).toBe(other.licenseArn);
  });

  it("a suspended buyer's usage is answered CustomerNotSubscribed", async () => {
    const { world, client, post } = await begin();
    const { licenseArn } = await world.subscribe("new-metered");
    await world.call("POST", "/clock", { now: "2026-08-20T18:00:00Z" });
    const meter = async () => {
      const record = { Timestamp: new Date("2026-08-20T16:00:00Z"), Dimension: "gb", Quantity: 1 };
      const UsageRecords = [{ ...record, CustomerAWSAccountId: buyer, LicenseArn: licenseArn }];
      return (await client.send(new BatchMeterUsageCommand({ UsageRecords }))).Results?.[0]?.Status;
    };
    expect(await post(`/buyers/${buyer}/suspend`)).toMatchObject({ suspended: [{ buyerAccountId: buyer }] });
    expect(await meter()).toBe("CustomerNotSubscribed");
    expect(await post(`/buyers/${buyer}/reinstate`)).toEqual({ suspended: [] });
    expect(await meter()).toBe("Success");
  });
});

it("the control API takes changes only as JSON, which no page elsewhere can send unasked", async () => {
  const { world } = await begin();
  for (const method of ["POST", "PUT"])
    for (const contentType of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
      const headers = { "content-type": contentType };
      const response = await fetch(`${world.url}/_simulator/clock`, { method, headers, body: '{"rate":0}' });
      expect([response.status, await response.json()]).toMatchObject([415, { code: "content-type-refused" }]);
    }
  expect((await fetch(`${world.url}/_simulator/notifications/flush`, { method: "POST" })).status).toBe(415);
  expect((await world.call("POST", "/clock", { rate: 0 })).status).toBe(200);
  const read = await new Promise((resolve) =>
    get(`${world.url}/_simulator/clock`, ({ statusCode }) => resolve(statusCode)),
  );
  expect(read).toBe(200);
});

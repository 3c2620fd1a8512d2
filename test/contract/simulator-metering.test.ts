import { get } from "node:http";
import {
  GetEntitlementsCommand,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import {
  BatchMeterUsageCommand,
  ExpiredTokenException,
  InvalidLicenseException,
  InvalidProductCodeException,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
  TimestampOutOfBoundsException,
  type UsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import type { SimulatorConfigurationInput } from "@tollhouse/simulator/server/configuration";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Agreed, buyer, startWorld } from "./simulator-world.ts";

const hourAt = new Date("2026-08-20T16:00:00Z");

/** A buyer of the new listing at 18:05, seen through the SDK's own client. */
async function begin(conflicts: NonNullable<SimulatorConfigurationInput["conflicts"]> = {}) {
  const world = await startWorld("http://127.0.0.1:9", { conflicts });
  onTestFinished(() => world.close());
  const agreed = await world.subscribe("new-metered");
  await world.call("POST", "/clock", { now: "2026-08-20T18:05:00Z" });
  const client = new MarketplaceMeteringClient(world.as("Everything"));
  const meter = async (change: Partial<UsageRecord> = {}, ProductCode?: string) => {
    const record = { ...recordOf(agreed), ...change };
    const { Results } = await client.send(
      new BatchMeterUsageCommand({ UsageRecords: [record], ProductCode }),
    );
    return Results?.[0]?.Status;
  };
  return { world, agreed, client, meter };
}

const recordOf = ({ licenseArn }: Agreed): UsageRecord => ({
  Timestamp: hourAt,
  Dimension: "gb",
  Quantity: 7,
  CustomerAWSAccountId: buyer,
  LicenseArn: licenseArn,
});

describe("BatchMeterUsage through the real client", () => {
  it("answers each record with its receipt, and the bill shows it", async () => {
    const { world, agreed, client } = await begin();
    const { Results, UnprocessedRecords } = await client.send(
      new BatchMeterUsageCommand({ UsageRecords: [recordOf(agreed)] }),
    );
    expect(UnprocessedRecords).toEqual([]);
    expect(Results).toMatchObject([{ UsageRecord: recordOf(agreed), Status: "Success" }]);
    const { body } = await world.call("GET", "/bill");
    expect(body["records"]).toMatchObject([
      {
        productCode: "new-metered",
        buyerAccountId: buyer,
        licenseArn: agreed.licenseArn,
        hour: "2026-08-20T16",
        quantity: 7,
        meteringRecordId: Results?.[0]?.MeteringRecordId,
        acceptedAt: "2026-08-20T18:05:00.000Z",
      },
    ]);
    expect((await world.call("GET", "/bill?buyerAccountId=1")).body["records"]).toEqual([]);
  });

  it.each(["Success", "DuplicateRecord"] as const)(
    "an identical resend answers %s",
    async (identicalResend) => {
      const { meter } = await begin({ identicalResend });
      expect(await meter()).toBe("Success");
      expect(await meter()).toBe(identicalResend);
      expect(await meter({ Quantity: 8 })).toBe("DuplicateRecord");
    },
  );

  it.each([
    ["agreement-ended", 3_600],
    ["license-deprovisioned", 3_631],
  ] as const)("the final hour that begins with %s is over after %i s", async (finalHourStartsAt, seconds) => {
    const { world, agreed, meter } = await begin({ finalHourStartsAt });
    await world.call("POST", `/agreements/${agreed.agreementId}/cancel`);
    await world.advance(seconds - 1);
    expect(await meter()).toBe("Success");
    await world.advance(1);
    expect(await meter({ Dimension: "events" })).toBe("CustomerNotSubscribed");
  });

  it("the start of the first hour is refused or accepted by its switch", async () => {
    const firstHour = { Timestamp: new Date("2026-08-20T14:00:00Z") };
    const strict = await begin({ hourStartBeforeActivation: "refused" });
    await expect(strict.meter(firstHour)).rejects.toThrow(InvalidLicenseException);
    const mild = await begin({ hourStartBeforeActivation: "accepted" });
    expect(await mild.meter(firstHour)).toBe("Success");
  });

  it("refuses a whole call with the client's own exceptions, and bills nothing of it", async () => {
    const { world, agreed, client, meter } = await begin();
    await expect(meter({}, "new-metered")).rejects.toThrow(InvalidProductCodeException);
    const tooOld = { ...recordOf(agreed), Timestamp: new Date("2026-08-19T18:05:00Z") };
    const UsageRecords = [recordOf(agreed), tooOld];
    await expect(client.send(new BatchMeterUsageCommand({ UsageRecords }))).rejects.toThrow(
      TimestampOutOfBoundsException,
    );
    expect((await world.call("GET", "/bill")).body["records"]).toEqual([]);
  });
});

describe("ResolveCustomer and GetEntitlements through the real clients", () => {
  it("a token resolves for four hours of simulated time, and a fresh one after that", async () => {
    const { world, agreed, client } = await begin();
    const resolve = (RegistrationToken: string) =>
      client.send(new ResolveCustomerCommand({ RegistrationToken }));
    await expect(resolve(agreed.registrationToken)).resolves.toMatchObject({
      CustomerAWSAccountId: buyer,
      LicenseArn: agreed.licenseArn,
      ProductCode: "new-metered",
    });
    await world.advance(4 * 3_600);
    await expect(resolve(agreed.registrationToken)).rejects.toThrow(ExpiredTokenException);
    const { body } = await world.call("POST", `/agreements/${agreed.agreementId}/token`);
    await expect(resolve(String(body["registrationToken"]))).resolves.toHaveProperty("LicenseArn");
  });

  it("an upgrade is seen at once, an end empties the list", async () => {
    const { world } = await begin();
    const entitlements = (value: number) => [{ dimension: "seats", value }];
    const { agreementId, licenseArn } = await world.subscribe("new-contract", {
      entitlements: entitlements(5),
    });
    await world.advance(100);
    const client = new MarketplaceEntitlementServiceClient(world.as("Everything"));
    const seats = async () => {
      const command = new GetEntitlementsCommand({
        ProductCode: "new-contract",
        Filter: { LICENSE_ARN: [licenseArn] },
      });
      return (await client.send(command)).Entitlements?.map(({ Value }) => Value?.IntegerValue);
    };
    expect(await seats()).toEqual([5]);
    await world.call("PUT", `/agreements/${agreementId}/entitlements`, { entitlements: entitlements(9) });
    expect(await seats()).toEqual([9]);
    await world.call("POST", `/agreements/${agreementId}/cancel`);
    expect(await seats()).toEqual([]);
  });
});

describe("the control API", () => {
  it("answers to this machine's own names only, so that no page elsewhere can use another", async () => {
    const { world } = await begin();
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        get(`${world.url}/_simulator/health`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
    expect(await status("localhost")).toBe(200);
    expect(await status("rebound.example.com")).toBe(403);
  });

  it("tells who waits for an instant when the clock shows it, and in vain when their time is over", async () => {
    const { world } = await begin();
    const waiting = world.call("GET", "/clock?reaches=2026-08-20T18:06:00Z&withinSeconds=20");
    await world.advance(59);
    await world.advance(1);
    const then = { now: "2026-08-20T18:06:00.000Z", rate: 0 };
    expect((await waiting).body).toEqual(then);
    const inVain = world.call("GET", "/clock?reaches=2026-08-20T18:06:01Z&withinSeconds=0.01");
    expect((await inVain).body).toEqual(then);
  });

  it("refuses with a code, a sentence and a status that tell what to mend", async () => {
    const { world, agreed } = await begin();
    const outcome = async (method: string, path: string, body?: unknown) => {
      const answer = await world.call(method, path, body);
      return [answer.status, answer.body["code"]];
    };
    const cancel = `/agreements/${agreed.agreementId}/cancel`;
    expect(await outcome("POST", "/agreements", { productCode: "nothing", buyerAccountId: buyer })).toEqual([
      400,
      "product-unknown",
    ]);
    expect(await outcome("POST", "/agreements", { productCode: "new-metered" })).toEqual([
      400,
      "request-invalid",
    ]);
    expect(await outcome("POST", "/agreements/agmt-none/cancel")).toEqual([404, "agreement-unknown"]);
    expect(await outcome("POST", "/agreements/constructor/token")).toEqual([404, "agreement-unknown"]);
    expect(await outcome("POST", cancel)).toEqual([200, undefined]);
    expect(await outcome("POST", cancel)).toEqual([409, "agreement-ended"]);
    expect(await outcome("POST", "/clock", { now: "2026-08-20T18:04:59Z" })).toEqual([
      409,
      "clock-cannot-go-there",
    ]);
    expect(await outcome("POST", "/clock", { rate: 100_001 })).toEqual([400, "request-invalid"]);
    for (const wrong of ["reaches=tomorrow", "withinSeconds=21", "until=2026-08-20T18:06:00Z"])
      expect(await outcome("GET", `/clock?${wrong}`)).toEqual([400, "request-invalid"]);
    expect(await outcome("GET", "/nothing")).toEqual([404, "not-found"]);
  });
});

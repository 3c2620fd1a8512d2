import {
  MarketplaceAgreementClient,
  SearchAgreementsCommand,
  ThrottlingException as AgreementThrottling,
} from "@aws-sdk/client-marketplace-agreement";
import {
  GetEntitlementsCommand,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import {
  BatchMeterUsageCommand,
  InternalServiceErrorException,
  MarketplaceMeteringClient,
  ThrottlingException,
} from "@aws-sdk/client-marketplace-metering";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { SimulatorConfigurationInput } from "@tollhouse/simulator/server/configuration";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buyer, caller, errorName, startQueues, startWorld } from "./simulator-world.ts";

let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  queues = await startQueues("intake");
});
afterAll(() => queues.close());

const hourAt = new Date("2026-08-20T16:00:00Z");

async function begin(change: Partial<SimulatorConfigurationInput> = {}, elapsedMs?: () => number) {
  await queues.drain("intake");
  const world = await startWorld(queues.url, change, elapsedMs);
  onTestFinished(() => world.close());
  const asks = (...rules: object[]) => world.call("PUT", "/faults", { rules });
  const client = new MarketplaceMeteringClient(world.as("Everything"));
  return { world, asks, client };
}

describe("calls that go wrong", () => {
  const start = async () => {
    const { world, asks, client } = await begin();
    const { licenseArn } = await world.subscribe("new-metered");
    await world.call("POST", "/clock", { now: "2026-08-20T18:05:00Z" });
    const meter = async () => {
      const record = { Timestamp: hourAt, Dimension: "gb", Quantity: 7, CustomerAWSAccountId: buyer };
      const command = new BatchMeterUsageCommand({ UsageRecords: [{ ...record, LicenseArn: licenseArn }] });
      return (await client.send(command)).Results?.[0]?.Status;
    };
    const billed = async () => ((await world.call("GET", "/bill")).body["records"] as unknown[]).length;
    return { world, asks, meter, billed };
  };

  it.each([
    ["throttle", ThrottlingException],
    ["fail", InternalServiceErrorException],
  ])("%s: nothing happened, and the same call succeeds later", async (fault, exception) => {
    const { asks, meter, billed } = await start();
    await asks({ on: "calls", fault, operation: "BatchMeterUsage", next: 1 });
    await expect(meter()).rejects.toThrow(exception);
    expect(await billed()).toBe(0);
    expect(await meter()).toBe("Success");
    expect(await billed()).toBe(1);
  });

  it.each(["drop", "500"])("lose-answer (%s): it was done, and is not done again", async (answer) => {
    const { world, asks, meter, billed } = await start();
    await asks({ on: "calls", fault: "lose-answer", answer, operation: "BatchMeterUsage", next: 1 });
    const name = await errorName(meter());
    expect(name).not.toBe("none");
    if (answer === "500") expect(name).toBe("InternalServiceErrorException");
    expect(await billed()).toBe(1);
    expect(await meter()).toBe("Success");
    expect(await billed()).toBe(1);
    const { body } = await world.call("GET", "/calls");
    expect((body["calls"] as object[]).filter((one) => "note" in one)).toMatchObject([
      { operation: "BatchMeterUsage", outcome: "ok", note: { Success: 1, answerLost: true } },
      { operation: "BatchMeterUsage", outcome: "ok", note: { Success: 1 } },
    ]);
  });

  it("the Agreement API and STS fail under their own names", async () => {
    const { world, asks } = await begin();
    const client = new MarketplaceAgreementClient(world.as("Everything"));
    const search = () => client.send(new SearchAgreementsCommand({ filters: [] }));
    await search().catch(() => undefined);
    await asks({ on: "calls", fault: "fail", next: 1 });
    expect(await errorName(search())).toBe("InternalServerException");
    await asks({ on: "calls", fault: "throttle", next: 1 });
    await expect(search()).rejects.toThrow(AgreementThrottling);
    await asks({ on: "calls", fault: "throttle", operation: "GetCallerIdentity", next: 1 });
    const settings = { endpoint: world.url, region: "us-east-1", credentials: caller, maxAttempts: 1 };
    const identity = () => new STSClient(settings).send(new GetCallerIdentityCommand({}));
    expect(await errorName(identity())).toBe("Throttling");
    expect(await errorName(identity())).toBe("none");
  });

  it("are asked for, read back and forgotten through the control API", async () => {
    const { world, asks } = await begin();
    await asks({ on: "calls", fault: "fail", next: 2 });
    await world.call("POST", "/faults", { on: "notifications", fault: "drop", probability: 0.5 });
    expect((await world.call("GET", "/faults")).body).toEqual({
      seed: "tollhouse",
      drawn: 0,
      rules: [
        { on: "calls", fault: "fail", next: 2, struck: 0 },
        { on: "notifications", fault: "drop", probability: 0.5, struck: 0 },
      ],
    });
    for (const wrong of [{ next: 1, probability: 1 }, {}])
      expect(await asks({ on: "calls", fault: "fail", ...wrong })).toMatchObject({ status: 400 });
    expect((await world.call("DELETE", "/faults")).body["rules"]).toEqual([]);
  });
});

describe("notifications that go wrong", () => {
  const sentOf = async (world: Awaited<ReturnType<typeof startWorld>>, seconds: number) => {
    await world.advance(seconds);
    await world.flush();
    return (await queues.drain("intake")).map(({ id, time }) => `${String(id)} ${String(time)}`);
  };
  const planned = async (world: Awaited<ReturnType<typeof startWorld>>) =>
    (await world.call("GET", "/notifications")).body["pending"] as { id: string }[];

  it("a repeated one arrives twice with one id", async () => {
    const { world, asks } = await begin();
    await asks({ on: "notifications", fault: "repeat", kind: "license-updated", next: 1 });
    await world.subscribe("new-metered");
    const ids = (await planned(world)).map(({ id }) => id);
    const arrived = [...(await sentOf(world, 100)), ...(await sentOf(world, 0))];
    expect(arrived.map((text) => text.split(" ")[0]).sort()).toEqual([...ids, ids[1]].sort());
  });

  it("a reordered one arrives after the next, and a delayed one late, both naming their own time", async () => {
    const { world, asks } = await begin();
    await asks({ on: "notifications", fault: "reorder", kind: "agreement-created", next: 1 });
    await world.subscribe("new-metered");
    expect((await sentOf(world, 100)).map((text) => text.split(" ")[1])).toEqual([
      "2026-08-20T14:24:23Z",
      "2026-08-20T14:23:22Z",
    ]);
    await asks({ on: "notifications", fault: "delay", delaySeconds: 60, next: 1 });
    await world.subscribe("new-metered");
    expect(await sentOf(world, 11)).toEqual([]);
    expect(await planned(world)).toMatchObject([{ sendAt: "2026-08-20T14:26:02.013Z" }, {}]);
    expect((await sentOf(world, 60)).map((text) => text.split(" ")[1])).toEqual(["2026-08-20T14:25:02Z"]);
  });

  it("a dropped one never arrives", async () => {
    const { world, asks } = await begin();
    await asks({ on: "notifications", fault: "drop", kind: "agreement-created", next: 1 });
    await world.subscribe("new-metered");
    expect(await sentOf(world, 100)).toHaveLength(1);
    expect(await planned(world)).toEqual([]);
  });
});

describe("calls beyond AWS's rate", () => {
  const burst = async (change: Partial<SimulatorConfigurationInput> = {}) => {
    let machineMs = 0;
    const { world } = await begin(change, () => machineMs);
    const client = new MarketplaceEntitlementServiceClient(world.as("Everything"));
    const get = () => errorName(client.send(new GetEntitlementsCommand({ ProductCode: "new-contract" })));
    await get();
    const many = await Promise.all(Array.from({ length: 24 }, get));
    const throttled = (names: string[]) => names.filter((name) => name === "ThrottlingException").length;
    return { throttled: throttled(many), get, passes: (ms: number) => (machineMs += ms) };
  };

  it("are refused until machine time has passed", async () => {
    const { throttled, get, passes } = await burst();
    expect(throttled).toBe(5);
    passes(50);
    expect(await get()).toBe("none");
    expect(await get()).toBe("ThrottlingException");
  });

  it("are let through where throttling is switched off", async () => {
    expect((await burst({ throttling: false })).throttled).toBe(0);
  });
});

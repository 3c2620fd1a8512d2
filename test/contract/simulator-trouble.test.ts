import {
  BatchMeterUsageCommand,
  DisabledApiException,
  InvalidProductCodeException,
  MarketplaceMeteringClient,
  type UsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import { describe, expect, it, onTestFinished } from "vitest";
import { buyer, errorName, startWorld } from "./simulator-world.ts";

/** A buyer of a listing at 18:05, metered through the SDK's own client, while faults are asked for. */
async function begin(productCode = "new-metered") {
  let machineMs = 1_000.5;
  const world = await startWorld("http://127.0.0.1:9", {}, () => machineMs);
  onTestFinished(() => world.close());
  const { licenseArn } = await world.subscribe(productCode);
  await world.call("POST", "/clock", { now: "2026-08-20T18:05:00Z" });
  const record = (change: Partial<UsageRecord> = {}): UsageRecord => ({
    Timestamp: new Date("2026-08-20T16:00:00Z"),
    Dimension: productCode === "new-metered" ? "gb" : "emails",
    Quantity: 7,
    CustomerAWSAccountId: buyer,
    LicenseArn: licenseArn,
    ...change,
  });
  const client = new MarketplaceMeteringClient(world.as("Everything"));
  const meter = (UsageRecords: UsageRecord[] = [record()], ProductCode?: string, region = "us-east-1") =>
    (region === "us-east-1"
      ? client
      : new MarketplaceMeteringClient({ ...world.as("Everything"), region })
    ).send(new BatchMeterUsageCommand({ UsageRecords, ProductCode }));
  const list = async (path: string, field: string) =>
    (await world.call("GET", path)).body[field] as Record<string, unknown>[];
  return {
    world,
    licenseArn,
    record,
    client,
    meter,
    asks: (fault: object) => world.call("POST", "/faults", fault),
    billed: () => list("/bill", "records"),
    calls: () => list("/calls?operation=BatchMeterUsage", "calls"),
    list,
    passes: (ms: number) => (machineMs += ms),
  };
}

describe("trouble with metering, through the real client", () => {
  it("records left unprocessed come back, and bill nothing until they are sent again", async () => {
    const { record, meter, asks, billed, calls } = await begin();
    const events = record({ Dimension: "events" });
    await asks({ on: "records", fault: "leave-unprocessed", dimension: "events", next: 1 });
    expect(await meter([record(), events])).toMatchObject({
      Results: [{ Status: "Success" }],
      UnprocessedRecords: [events],
    });
    expect(await billed()).toMatchObject([{ dimension: "gb" }]);
    expect(await calls()).toMatchObject([{ records: 2, note: { Success: 1, Unprocessed: 1 } }]);
    expect(await meter([events])).toMatchObject({ Results: [{ Status: "Success" }] });
    expect(await billed()).toHaveLength(2);
  });

  it("results that are shuffled still say which record they are about", async () => {
    const { record, meter, asks } = await begin();
    await asks({ on: "results", fault: "shuffle", next: 1 });
    const { Results } = await meter([record(), record({ Dimension: "events", Quantity: 1 })]);
    expect(Results?.map(({ UsageRecord: about }) => [about?.Dimension, about?.Quantity])).toEqual([
      ["events", 1],
      ["gb", 7],
    ]);
  });

  it("a lost role is refused until it is given back, by its name", async () => {
    const { world, meter, asks, billed, calls } = await begin();
    await asks({
      name: "lost-role",
      on: "calls",
      fault: "deny",
      operation: "BatchMeterUsage",
      probability: 1,
    });
    expect([await errorName(meter()), await errorName(meter())]).toEqual([
      "AccessDeniedException",
      "AccessDeniedException",
    ]);
    expect(await billed()).toEqual([]);
    expect((await world.call("DELETE", "/faults/another")).body["rules"]).toHaveLength(1);
    expect((await world.call("DELETE", "/faults/lost-role")).body["rules"]).toEqual([]);
    expect(await meter()).toMatchObject({ Results: [{ Status: "Success" }] });
    expect(await calls()).toMatchObject([
      { outcome: "AccessDeniedException", fault: "deny" },
      { outcome: "AccessDeniedException", fault: "deny" },
      { outcome: "ok" },
    ]);
  });

  it("a role that cannot be assumed any more makes no call", async () => {
    const { meter, asks, calls } = await begin();
    await asks({ on: "calls", fault: "deny", operation: "AssumeRole", next: 1 });
    expect(await errorName(meter())).toBe("AccessDenied");
    expect(await calls()).toEqual([]);
  });

  it("the API may be disabled in a Region", async () => {
    const { meter, asks, billed } = await begin();
    await asks({ on: "calls", fault: "disable", operation: "BatchMeterUsage", next: 1 });
    await expect(meter()).rejects.toThrow(DisabledApiException);
    expect(await billed()).toEqual([]);
  });

  it("a slow answer comes to nobody who has gone, and the usage was taken", async () => {
    const { client, record, asks, billed } = await begin();
    await asks({ on: "calls", fault: "slow", operation: "BatchMeterUsage", delayMs: 600_000, next: 1 });
    const gone = new AbortController();
    const command = new BatchMeterUsageCommand({ UsageRecords: [record()] });
    const outcome = errorName(client.send(command, { abortSignal: gone.signal }));
    while ((await billed()).length === 0);
    gone.abort();
    expect(await outcome).toBe("AbortError");
    expect(await errorName(client.send(command))).toBe("none");
    expect(await billed()).toHaveLength(1);
  });

  it("a refused call whose answer is lost is seen to be lost", async () => {
    const { meter, record, asks, calls } = await begin();
    await asks({ on: "calls", fault: "lose-answer", operation: "BatchMeterUsage", next: 1 });
    expect(await errorName(meter([record({ Dimension: "GB" })]))).not.toBe("InvalidUsageDimensionException");
    expect(await calls()).toMatchObject([
      { outcome: "InvalidUsageDimensionException", fault: "lose-answer" },
    ]);
  });
});

it("ten calls a second are admitted in each Region, and the log tells when each came and what became of it", async () => {
  const { meter, record, calls, passes } = await begin();
  const outcomes = (region?: string) =>
    Promise.all(Array.from({ length: 12 }, () => errorName(meter([record(), record()], undefined, region))));
  const throttled = (names: string[]) => names.filter((name) => name === "ThrottlingException").length;
  expect(throttled(await outcomes())).toBe(2);
  expect(throttled(await outcomes("eu-west-1"))).toBe(2);
  passes(100);
  expect(throttled(await outcomes())).toBe(11);
  const all = await calls();
  expect(all).toHaveLength(36);
  expect(all[0]).toMatchObject({ arrivedAtMs: 1_000.5, region: "us-east-1", records: 2, outcome: "ok" });
  const last = all.slice(24);
  expect(last.every((call) => call["arrivedAtMs"] === 1_100.5 && call["records"] === 2)).toBe(true);
  expect(last.filter(({ outcome }) => outcome === "ThrottlingException")).toHaveLength(11);
  expect(last.some((call) => "fault" in call)).toBe(false);
});

it("a listing is opted in while it runs: its product code is refused, its license taken", async () => {
  const { world, record, meter, list } = await begin("old-metered");
  const byCode = [record({ LicenseArn: undefined })];
  await meter(byCode, "old-metered");
  expect(await world.call("POST", "/products/old-metered/opt-in")).toMatchObject({
    status: 200,
    body: { generation: "migrating", optedInAt: "2026-08-20T18:05:00.000Z" },
  });
  await expect(meter(byCode, "old-metered")).rejects.toThrow(InvalidProductCodeException);
  await expect(meter(byCode, "old-metered")).rejects.toThrow("ProductCode is not supported");
  expect(await meter()).toMatchObject({ Results: [{ Status: "Success" }] });
  expect((await list("/bill", "records")).map(({ by, region }) => [by, region])).toEqual([
    ["product-code", "us-east-1"],
    ["license", "us-east-1"],
  ]);
  expect(await world.call("POST", "/products/old-metered/opt-in")).toMatchObject({ status: 409 });
  expect(await world.call("POST", "/products/nothing/opt-in")).toMatchObject({ status: 400 });
  expect((await list("/products", "products")).filter(({ optedInAt }) => optedInAt !== null)).toMatchObject([
    { productCode: "old-metered" },
  ]);
});

it("the bill is added up by tags too", async () => {
  const { world, licenseArn, record, meter } = await begin();
  const UsageAllocations = [
    { AllocatedUsageQuantity: 5, Tags: [{ Key: "team", Value: "a" }] },
    { AllocatedUsageQuantity: 2 },
  ];
  await meter([record({ UsageAllocations })]);
  const { body } = await world.call("GET", `/bill?licenseArn=${licenseArn}`);
  expect(body).toMatchObject({
    records: [{ hour: "2026-08-20T16", quantity: 7, allocations: [{ quantity: 5 }, { quantity: 2 }] }],
    totals: [{ licenseArn, quantity: 7 }],
    tagTotals: [
      { licenseArn, buyerAccountId: buyer, dimension: "gb", tags: [["team", "a"]], quantity: 5 },
      { licenseArn, tags: [], quantity: 2 },
    ],
  });
});

describe("chaos", () => {
  it("is switched on beside other faults, and off again without them", async () => {
    const { world, asks } = await begin();
    await asks({ on: "notifications", fault: "drop", next: 1 });
    const rules = async (method: string, body?: object) =>
      (await world.call(method, "/faults/chaos", body)).body["rules"] as object[];
    const on = await rules("PUT");
    expect(on.length).toBeGreaterThan(9);
    expect(await rules("PUT", { seed: "another" })).toHaveLength(on.length);
    expect((await world.call("GET", "/faults")).body).toMatchObject({ seed: "another", drawn: 0 });
    expect(await rules("DELETE")).toMatchObject([{ fault: "drop" }]);
  });

  it.each(["a", "b", "c"])(
    "who sends until all is answered has billed what was used (seed %s)",
    async (seed) => {
      const { world, record, meter, billed, passes } = await begin();
      await world.call("PUT", "/faults", {
        seed,
        rules: [{ on: "calls", fault: "lose-answer", operation: "BatchMeterUsage", next: 1 }],
      });
      await world.call("PUT", "/faults/chaos");
      const all = ["15", "16", "17"].flatMap((hour) =>
        ["gb", "events"].map((Dimension) =>
          record({ Dimension, Timestamp: new Date(`2026-08-20T${hour}:00:00Z`) }),
        ),
      );
      for (let waiting = all; waiting.length > 0; passes(1_000))
        waiting = await meter(waiting).then(
          ({ UnprocessedRecords = [] }) => UnprocessedRecords,
          () => waiting,
        );
      expect((await billed()).map(({ quantity }) => quantity)).toEqual(all.map(() => 7));
    },
  );
});

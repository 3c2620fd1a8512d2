import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { SimulatorConfigurationInput } from "@tollhouse/simulator/server/configuration";
import { type Envelope, fetchTrusting, isSigned } from "./simulator-signature.ts";
import { startQueues, startWorld } from "./simulator-world.ts";

let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  queues = await startQueues("intake");
});
afterAll(() => queues.close());

async function begin(change: Partial<SimulatorConfigurationInput> = {}) {
  await queues.drain("intake");
  const world = await startWorld(queues.url, change);
  onTestFinished(() => world.close());
  return world;
}

describe.each(["1", "2"] as const)("SNS messages with signature version %s", (snsSignatureVersion) => {
  it("verify against the certificate their URL serves, and not once changed", async () => {
    const world = await begin({ snsSignatureVersion });
    await world.subscribe("old-metered");
    await world.advance(10);
    await world.flush();
    const [envelope] = (await queues.drain("intake")) as Envelope[];
    const url = new URL(envelope?.["SigningCertURL"] ?? "");
    expect(url.origin).toBe(world.tlsUrl);
    expect(url.pathname).toMatch(/^\/SimpleNotificationService-[0-9a-f]+\.pem$/);
    const certificate = await fetchTrusting(url.href, world.caPem);
    expect(await (await fetch(world.url + url.pathname)).text()).toBe(certificate);

    expect(envelope?.["SignatureVersion"]).toBe(snsSignatureVersion);
    expect(isSigned(envelope ?? {}, certificate)).toBe(true);
    for (const name of ["Message", "MessageId", "Timestamp", "TopicArn", "Type"])
      expect(isSigned({ ...envelope, [name]: `${envelope?.[name] ?? ""} ` }, certificate)).toBe(false);
    const other = snsSignatureVersion === "1" ? "2" : "1";
    expect(isSigned({ ...envelope, SignatureVersion: other }, certificate)).toBe(false);
  });
});

describe("notifications of an old listing", () => {
  it("come in SNS's envelope at the simulated time, from subscribe-success to unsubscribe-success", async () => {
    const world = await begin();
    const { agreementId, customerIdentifier } = await world.subscribe("old-metered");
    await world.advance(100);
    await world.call("POST", `/agreements/${agreementId}/cancel`);
    await world.advance(3_599);
    await world.flush();
    const received = async () =>
      ((await queues.drain("intake")) as Envelope[]).map(({ Timestamp, Message = "{}" }) => {
        const message = JSON.parse(Message) as Record<string, string>;
        expect(message["customer-identifier"]).toBe(customerIdentifier);
        return `${Timestamp ?? ""} ${message["action"] ?? ""}`;
      });
    expect(await received()).toEqual([
      "2026-08-20T14:23:16.000Z subscribe-success",
      "2026-08-20T14:24:51.013Z unsubscribe-pending",
    ]);
    await world.advance(1);
    await world.flush();
    expect(await received()).toEqual(["2026-08-20T15:24:51.013Z unsubscribe-success"]);
  });
});

describe("notifications of a new listing", () => {
  it("are plain events, each sent when its time has come and not before", async () => {
    const world = await begin();
    const { agreementId } = await world.subscribe("new-metered");
    const arrived = async (seconds: number) => {
      await world.advance(seconds);
      await world.flush();
      return (await queues.drain("intake")).map(
        (event) => `${String(event["time"])} ${String(event["detail-type"])}`,
      );
    };
    expect(await arrived(10)).toEqual([]);
    expect(await arrived(1)).toEqual(["2026-08-20T14:23:22Z Purchase Agreement Created - Proposer"]);
    expect(await arrived(89)).toEqual(["2026-08-20T14:24:23Z License Updated - Manufacturer"]);
    await world.call("POST", `/agreements/${agreementId}/cancel`);
    expect(await arrived(0)).toEqual(["2026-08-20T14:24:51Z Purchase Agreement Ended - Proposer"]);
    expect(await arrived(31)).toEqual(["2026-08-20T14:25:22Z License Deprovisioned - Manufacturer"]);
    expect(await arrived(86_400)).toEqual([]);
  });

  it("take the delays they are given", async () => {
    const world = await begin({
      notificationDelays: { agreementCreatedSeconds: 0, licenseUpdatedSeconds: 0 },
    });
    await world.subscribe("new-metered");
    await world.flush();
    expect(await queues.drain("intake")).toHaveLength(2);
  });
});

it("a notification waits until the queue takes it, and is then sent once", async () => {
  const world = await begin({ notificationQueueUrl: `${queues.url}/000000000000/late` });
  await world.subscribe("new-metered");
  await world.advance(11);
  expect(await world.flush()).toMatchObject({ sent: 0, failed: 1 });
  expect((await world.call("GET", "/notifications")).body["pending"]).toHaveLength(2);
  await queues.create("late");
  await world.flush();
  await world.flush();
  expect(await queues.drain("late")).toHaveLength(1);
});

it("a clock that runs makes notifications due without being asked", async () => {
  const world = await begin();
  await world.subscribe("new-metered");
  await world.call("POST", "/clock", { rate: 100_000 });
  await expect
    .poll(async () => (await world.call("GET", "/notifications")).body["pending"], { timeout: 30_000 })
    .toEqual([]);
  expect(await queues.drain("intake")).toHaveLength(2);
});

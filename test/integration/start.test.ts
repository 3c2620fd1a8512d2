import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { hasJava } from "../java.ts";
import { type Command, commandLinesWith, isAlive, type Ready, start } from "./command.ts";
import { credentials, lifecycleTable } from "./table.ts";

const canRun = await hasJava("npm start");

const product = "n0123examplemailer0000000";
const eventually = { timeout: 25_000, interval: 100 };

const agreementSchema = z.object({ registrationToken: z.string(), customerIdentifier: z.string() });
const billSchema = z.object({ totals: z.array(z.object({ dimension: z.string(), quantity: z.number() })) });

/** What a test does to a running world, with plain clients and nothing of ours. */
function outside(ready: Ready) {
  const { simulatorUrl, registrationUrl, queuesUrl, queueUrls } = ready;
  const queues = new SQSClient({ endpoint: queuesUrl, region: "us-east-1", credentials });
  const simulator = async (path: string, body?: unknown): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${simulatorUrl}/_simulator/${path}`, init)).json();
  };
  return {
    simulator,
    send: (queue: string, body: string) =>
      queues.send(new SendMessageCommand({ QueueUrl: queueUrls[queue], MessageBody: body })),
    register: (token: string) =>
      fetch(registrationUrl, {
        method: "POST",
        body: new URLSearchParams({ "x-amzn-marketplace-token": token }),
      }),
    ...lifecycleTable(ready),
    async now() {
      return z.object({ now: z.string() }).parse(await simulator("clock")).now;
    },
  };
}

/** An SNS envelope as a person would type it, with an id and time of its own. */
const envelope = (action: string, customerIdentifier: string, at: string) =>
  JSON.stringify({
    Type: "Notification",
    MessageId: randomUUID(),
    TopicArn: `arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-${product}`,
    Message: JSON.stringify({
      action,
      "customer-identifier": ` ${customerIdentifier}`,
      "product-code": product,
    }),
    Timestamp: at,
    SignatureVersion: "1",
    Signature: "not looked at in a queue that only the topic may write to",
    SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
    UnsubscribeURL: "https://sns.us-east-1.amazonaws.com/",
  });

describe.runIf(canRun)("npm start", () => {
  let command: Command;
  let ready: Ready;
  let world: ReturnType<typeof outside>;

  beforeAll(async () => {
    ({ command, ready } = await start());
    world = outside(ready);
  });
  afterAll(() => command.interrupt());

  it("takes one buyer from subscription to bill over the real protocols", async () => {
    const agreed = agreementSchema.parse(
      await world.simulator("agreements", { productCode: product, buyerAccountId: "777788889999" }),
    );
    const id = `${product}/${agreed.customerIdentifier}`;
    await world.send("Intake", envelope("subscribe-success", agreed.customerIdentifier, await world.now()));
    expect((await world.register(agreed.registrationToken)).status).toBe(200);
    await vi.waitFor(async () => {
      expect(await world.subscription(id)).toMatchObject({
        registration: "registered",
        grant: { state: "active" },
      });
    }, eventually);

    await world.simulator("clock", { advanceSeconds: 60 });
    const event = {
      specversion: "1.0",
      id: "u-1",
      source: "test",
      type: "usage",
      subject: id,
      time: await world.now(),
    };
    const usage = { ...event, data: { dimension: "emails_sent", quantity: 42 } };
    await world.send("Usage", JSON.stringify([usage, usage]));
    await world.send("Usage", JSON.stringify(usage));
    await vi.waitFor(() => {
      const counted = command.lines
        .filter((line) => line.includes("Usage taken"))
        .map((line) => z.object({ eventCount: z.number() }).parse(JSON.parse(line)).eventCount);
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3);
    }, eventually);
    await world.simulator("clock", { advanceSeconds: 2 * 3_600 });
    await vi.waitFor(async () => {
      expect(billSchema.parse(await world.simulator("bill")).totals).toMatchObject([
        { dimension: "emails_sent", quantity: 42 },
      ]);
    }, eventually);
  });

  it("puts what nobody can read into the quarantine, and holds nobody up with it", async () => {
    const incomplete = {
      Type: "Notification",
      MessageId: "m-1",
      Timestamp: await world.now(),
      Message: "{}",
    };
    const bodies = [
      "not JSON",
      `${"[".repeat(60_000)}${"]".repeat(60_000)}`,
      JSON.stringify({ Type: "Notification", Message: "x".repeat(300_000) }),
      JSON.stringify(incomplete),
      JSON.stringify({ action: "subscribe-success", "customer-identifier": "X", "product-code": product }),
    ];
    const customer = "Z0NEIGHBOUR";
    for (const body of bodies) await world.send("Intake", body);
    await world.send("Intake", envelope("subscribe-success", customer, await world.now()));
    await world.send("Usage", "not JSON either");
    await vi.waitFor(async () => {
      expect(await world.subscription(`${product}/${customer}`)).toMatchObject({
        grant: { state: "active" },
      });
      const reasons = (await world.quarantined()).join("\n");
      expect(reasons).toContain("the body is not valid JSON");
      expect(reasons).toContain("nested deeper than 32 levels");
      expect(reasons).toContain("at most 262144 are read");
      expect(reasons).toContain("its Message is incomplete: action");
      expect(reasons).toContain("turn raw message delivery off");
      expect(await world.quarantined()).toHaveLength(6);
    }, eventually);
  });

  it.each([
    ["no token", new URLSearchParams({ other: "field" }), 400],
    ["an unknown token", new URLSearchParams({ "x-amzn-marketplace-token": "never-issued" }), 400],
    [
      "a form larger than AWS sends",
      new URLSearchParams({ "x-amzn-marketplace-token": "x".repeat(20_000) }),
      413,
    ],
  ])("answers a registration with %s in plain words", async (_case, body, status) => {
    const response = await fetch(ready.registrationUrl, { method: "POST", body });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain("Set up your account");
  });

  it("refuses at the door for SNS over HTTPS what is no message of SNS", async () => {
    const post = (url: string) =>
      fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: "no SNS message" });
    expect((await post(ready.webhookUrl)).status).toBe(400);
    expect((await post(ready.registrationUrl.replace("/register", "/sns"))).status).toBe(404);
  });

  it("leaves no process behind after Ctrl-C", async () => {
    const database = `-port ${new URL(ready.databaseUrl).port}`;
    expect(commandLinesWith(database)).not.toHaveLength(0);
    await command.interrupt();
    expect(command.lines.at(-1)).toContain("Ended.");
    expect(ready.processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(commandLinesWith(database)).toEqual([]);
  });
});

describe.runIf(canRun)("npm start -- --keep", () => {
  it("finds its tables, queues and simulator as it left them", { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "kept-"));
    const first = await start("--keep", folder);
    const before = outside(first.ready);
    const agreed = agreementSchema.parse(
      await before.simulator("agreements", { productCode: product, buyerAccountId: "666677778888" }),
    );
    expect((await before.register(agreed.registrationToken)).status).toBe(200);
    await first.command.interrupt();

    const second = await start("--keep", folder);
    const after = outside(second.ready);
    const id = `${product}/${agreed.customerIdentifier}`;
    expect(await after.subscription(id)).toMatchObject({ registration: "registered" });
    expect((await after.register(agreed.registrationToken)).status).toBe(200);
    await second.command.interrupt();
    await rm(folder, { recursive: true });
  });
});

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { placesSchema } from "@tollhouse/local/places";
import { announceWorld } from "@tollhouse/local/world-file";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { hasJava } from "../java.ts";
import { type Command, type Ready, start } from "./command.ts";

const root = new URL("../..", import.meta.url).pathname;
const credentials = { AWS_ACCESS_KEY_ID: "TEST", AWS_SECRET_ACCESS_KEY: "test" };
const eventually = { timeout: 40_000, interval: 100 };
const product = "c0456exampleanalytics0000";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const runFile = (file: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      TOLLHOUSE_LIFECYCLE_TABLE: undefined,
      TOLLHOUSE_METERING_TABLE: undefined,
      COLUMNS: "80",
      ...environment,
    };
    execFile(file, args, { cwd: root, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });

const main = join(root, "packages/cli/bin/tollhouse.mjs");
const tollhouse = (args: readonly string[], environment: NodeJS.ProcessEnv) =>
  runFile(process.execPath, [main, ...args], environment);

describe("tollhouse where nothing runs", () => {
  const environment = { TOLLHOUSE_WORLD: join(tmpdir(), "no-such-world") };

  it("says what to do and ends with 2", async () => {
    const { code, stdout, stderr } = await tollhouse(["subscriptions", "list"], environment);
    expect(stderr).toContain("npm start");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it.each([
    ["an unknown command", ["subscription"]],
    ["no command", []],
    ["an unknown option", ["subscriptions", "list", "--colour"]],
    ["a state that there is not", ["subscriptions", "list", "--state", "paused"]],
    ["a limit of none", ["customers", "list", "--limit", "0"]],
    ["no id", ["customers", "show"]],
    ["too many ids", ["customers", "show", "cus-1", "cus-2"]],
    ["a segment that nothing names", ["usage", "segment", "2026-08-20T14"]],
    ["one table of two", ["ledger", "check", "--table", "a-table"]],
    ["an erasure that nobody can confirm", ["customers", "erase", "cus-1"]],
  ])("takes %s for wrong usage, and ends with 2", async (_, args) => {
    const { code, stdout, stderr } = await tollhouse(args, environment);
    expect(stderr).not.toBe("");
    expect(stderr).not.toMatch(/^\s+at |No local world/m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("shows help with examples, by npx from the repository's root as well", async () => {
    const { code, stdout } = await runFile(
      "npx",
      ["--no", "tollhouse", "facts", "parked", "--help"],
      environment,
    );
    expect(stdout).toContain("Examples:");
    expect(code).toBe(0);
  });
});

const agreementSchema = z.object({
  agreementId: z.string(),
  licenseArn: z.string(),
  registrationToken: z.string(),
});
const shownSchema = z.object({
  source: z.object({ kind: z.string(), table: z.string() }),
  now: z.iso.datetime(),
  subscriptions: z.array(
    z.object({
      subscription: z.looseObject({
        id: z.string(),
        customerId: z.string().optional(),
        grant: z.looseObject({ state: z.string(), cutAt: z.iso.datetime().optional() }),
      }),
      timeline: z.array(
        z.object({ fact: z.looseObject({ kind: z.string(), at: z.iso.datetime() }), filedUnder: z.string() }),
      ),
    }),
  ),
});

describe.runIf(await hasJava("tollhouse"))("tollhouse beside npm start", () => {
  let command: Command;
  let ready: Ready;
  let folder: string;
  let release: () => Promise<void>;
  const cli = (...args: string[]) => tollhouse(args, { TOLLHOUSE_WORLD: folder });
  const simulator = async (path: string, body: unknown): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${ready.simulatorUrl}/_simulator/${path}`, init)).json();
  };
  const show = async (id: string) => {
    const { code, stdout, stderr } = await cli("subscriptions", "show", id, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [shown, ...others] = shownSchema.parse(JSON.parse(stdout)).subscriptions;
    if (shown === undefined) throw new Error(stdout);
    expect(others).toEqual([]);
    return { ...shown, state: shown.subscription.grant.state };
  };

  beforeAll(async () => {
    ({ command, ready } = await start());
    // Another world may run in the repository at the same time; this one is announced elsewhere.
    folder = await mkdtemp(join(tmpdir(), "world-"));
    const line = command.lines.find((each) => each.includes('"ready":true')) ?? "";
    const announced = await announceWorld(folder, placesSchema.parse(JSON.parse(line)));
    if (announced.kind === "held") ({ release } = announced);
  });
  afterAll(async () => {
    await release();
    await command.interrupt();
    await rm(folder, { recursive: true });
  });

  it(
    "explains a subscription's life by its facts, and erases the customer at its end",
    { timeout: 180_000 },
    async () => {
      const entitlements = [{ dimension: "seats", value: 25 }];
      const agreed = agreementSchema.parse(
        await simulator("agreements", { productCode: product, buyerAccountId: "777788889999", entitlements }),
      );
      const { licenseArn } = agreed;
      await simulator("clock", { advanceSeconds: 120 });
      await vi.waitFor(async () => expect((await show(licenseArn)).state).toBe("active"), eventually);
      const form = new URLSearchParams({ "x-amzn-marketplace-token": agreed.registrationToken });
      expect((await fetch(ready.registrationUrl, { method: "POST", body: form })).status).toBe(200);
      const { customerId = "" } = (await show(licenseArn)).subscription;

      const refused = await cli("customers", "erase", customerId, "--yes");
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain("AWS still takes usage of l-");

      await simulator("clock", { advanceSeconds: 60 });
      await simulator(`agreements/${agreed.agreementId}/cancel`, {});
      await simulator("clock", { advanceSeconds: 60 });
      await vi.waitFor(async () => expect((await show(licenseArn)).timeline).toHaveLength(5), eventually);
      await simulator("clock", { advanceSeconds: 3_700 });
      await vi.waitFor(async () => expect((await show(licenseArn)).state).toBe("ended"), eventually);

      const { subscription, timeline } = await show(licenseArn);
      const own = `subscription:${subscription.id}`;
      const agreement = `agreement:${agreed.agreementId}`;
      expect(timeline.map(({ fact, filedUnder }) => [fact.kind, filedUnder])).toEqual([
        ["agreement-created", agreement],
        ["license-updated", own],
        ["customer-registered", own],
        ["agreement-ended", agreement],
        ["license-deprovisioned", own],
        ["window-elapsed", own],
      ]);
      const { stdout, stderr } = await cli("subscriptions", "show", customerId);
      expect(stdout).toContain(`ended: in force from`);
      expect(stdout).toContain("no change: it said nothing new");
      expect(stdout).not.toContain("\u001b[");
      expect(stderr).toContain(ready.databaseUrl);

      const erased = await cli("customers", "erase", customerId, "--yes", "--json");
      expect(erased.code).toBe(0);
      expect(JSON.parse(erased.stdout)).toMatchObject({
        erased: { customerId, fields: ["buyerAccountId"], subscriptionIds: [subscription.id] },
      });
      expect((await cli("customers", "list", "--json")).stdout).not.toContain("777788889999");
      const again = await cli("customers", "show", customerId, "--json");
      expect(JSON.parse(again.stdout)).toMatchObject({
        customer: { id: customerId, erasedAt: expect.any(String) as string },
        subscriptions: [{ id: subscription.id }],
      });
    },
  );

  it("shows entitlements as they were read, and what is not there as not found", async () => {
    const agreed = agreementSchema.parse(
      await simulator("agreements", {
        productCode: product,
        buyerAccountId: "666688889999",
        entitlements: [{ dimension: "seats", value: 25 }],
      }),
    );
    await simulator("clock", { advanceSeconds: 120 });
    await vi.waitFor(async () => {
      const { code, stdout } = await cli("entitlements", "show", agreed.licenseArn);
      expect(stdout).toMatch(/seats +25 +number/);
      expect(code).toBe(0);
    }, eventually);
    for (const args of [
      ["entitlements", "show", "l-ffffffffffffffffffffffffffffffff"],
      ["subscriptions", "show", "cus-none"],
      ["facts", "show", "agreement:none"],
      ["quarantine", "show", "none"],
      ["ledger", "show", "l-ffffffffffffffffffffffffffffffff"],
      ["usage", "segment", "2026-08-20T14/3/none"],
    ])
      expect(await cli(...args)).toMatchObject({ code: 1, stdout: "" });
  });

  it("gives a quarantined message back to the byte", async () => {
    const body = 'not JSON, "é" \t and no newline';
    const queues = new SQSClient({
      endpoint: ready.queuesUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "TEST", secretAccessKey: "test" },
    });
    await queues.send(new SendMessageCommand({ QueueUrl: ready.queueUrls["Intake"], MessageBody: body }));
    const listSchema = z.object({ quarantined: z.array(z.object({ id: z.string(), reason: z.string() })) });
    const id = await vi.waitFor(async () => {
      const { stdout } = await cli("quarantine", "list", "--door", "intake", "--limit", "1", "--json");
      const [line] = listSchema.parse(JSON.parse(stdout)).quarantined;
      expect(line?.reason).toBe("the body is not valid JSON");
      return line?.id ?? "";
    }, eventually);
    const { stdout, stderr } = await cli("quarantine", "show", id, "--body");
    expect(stdout).toBe(body);
    expect(stderr).toContain("personal data");
    expect((await cli("quarantine", "show", id)).stdout).not.toContain("é");
  });

  it("shows usage as it comes until Ctrl-C, and where every unit of it is", { timeout: 90_000 }, async () => {
    const env = { ...process.env, TOLLHOUSE_WORLD: folder };
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    const tail = spawn(process.execPath, [main, "usage", "tail", "--json"], { cwd: root, env, stdio });
    const line = createInterface({ input: tail.stdout })[Symbol.asyncIterator]().next();
    const { now } = z.object({ now: z.string() }).parse(await simulator("clock", { rate: 1 }));
    const data = { dimension: "gb_stored", quantity: "2.5" };
    const event = {
      specversion: "1.0",
      type: "usage",
      source: "/test",
      id: "e-1",
      subject: "tenant-42",
      data,
    };
    const queues = new SQSClient({
      endpoint: ready.queuesUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "TEST", secretAccessKey: "test" },
    });
    const MessageBody = JSON.stringify({ ...event, time: now });
    await queues.send(new SendMessageCommand({ QueueUrl: ready.queueUrls["Usage"], MessageBody }));
    const came = z
      .object({ segment: z.string(), event: z.looseObject({ id: z.string(), data: z.unknown() }) })
      .parse(JSON.parse(z.string().parse((await line).value)));
    expect(came.event).toMatchObject({ id: "e-1", subject: "tenant-42", data });
    const ended = once(tail, "close");
    tail.kill("SIGINT");
    expect(await ended).toEqual([0, null]);

    const segment = await cli("usage", "segment", came.segment, "--events");
    expect(segment).toMatchObject({ code: 0 });
    expect(segment.stdout).toContain("/test/e-1");
    const checked = await cli("ledger", "check", "--json");
    expect({ code: checked.code, stderr: checked.stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(checked.stdout)).toMatchObject({ balanced: true, accepted: "2.5" });
    for (const args of [["unattributed"], ["quarantine"], ["tail", "--once"]])
      expect(await cli("usage", ...args)).toMatchObject({ code: 0 });
  });

  it("reads a table that is named with the caller's own credentials, and says so", async () => {
    const environment = { ...credentials, AWS_ENDPOINT_URL_DYNAMODB: ready.databaseUrl };
    const { Lifecycle } = ready.tableNames;
    const named = await tollhouse(["subscriptions", "list", "--table", Lifecycle], environment);
    expect(named.code).toBe(0);
    expect(named.stderr).toContain(`The table ${Lifecycle} in us-east-1`);
    const missing = await tollhouse(["subscriptions", "list"], {
      ...environment,
      TOLLHOUSE_LIFECYCLE_TABLE: "no-such-table",
    });
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("The table no-such-table in us-east-1 cannot be read");
    expect(missing.stderr).not.toMatch(/^\s+at /m);
  });

  it("says nothing when whoever reads its output has gone", async () => {
    const line = `set -o pipefail; "${process.execPath}" "${main}" subscriptions list --json | true`;
    expect(await runFile("bash", ["-c", line], { TOLLHOUSE_WORLD: folder })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });
});

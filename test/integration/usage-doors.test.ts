import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createAccess } from "@tollhouse/client/access";
import { createUsagePublisher } from "@tollhouse/client/usage";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { hasJava } from "../java.ts";
import { type Command, type Ready, start } from "./command.ts";

const canRun = await hasJava("the doors for usage");
const eventually = { timeout: 25_000, interval: 100 };
/** Of the seller's own services on this machine; no secret. */
const credentials = { accessKeyId: "LOCAL", secretAccessKey: "local" };

/** Usage as a service of the seller's reports it. */
const usage = (id: string, time: string) => ({
  ...{ specversion: "1.0", id, source: "test", type: "usage", subject: "l-0123456789abcdef", time },
  data: { dimension: "gb_stored", quantity: "1" },
});

describe.runIf(canRun)("usage", () => {
  let command: Command;
  let ready: Ready;
  let now: string;

  beforeAll(async () => {
    ({ command, ready } = await start());
    const clock = await (await fetch(`${ready.simulatorUrl}/_simulator/clock`)).json();
    now = z.object({ now: z.string() }).parse(clock).now;
  });
  afterAll(() => command.interrupt());

  const taken = () =>
    command.lines
      .filter((line) => line.includes("Usage taken"))
      .map((line) => z.object({ eventCount: z.number() }).parse(JSON.parse(line)).eventCount)
      .reduce((sum, count) => sum + count, 0);

  it("on the event bus reaches the usage queue, and not those who listen to outgoing events", async () => {
    const bus = new EventBridgeClient({ endpoint: ready.simulatorUrl, region: "us-east-1", credentials });
    const before = taken();
    const put = (Detail: object, DetailType = "usage") => ({
      ...{ EventBusName: ready.busName, Source: "mailer", DetailType, Detail: JSON.stringify(Detail) },
    });
    const Entries = [
      put(usage("b-1", now)),
      put({ events: [usage("b-2", now), usage("b-3", now)] }),
      put(usage("b-4", now), "something else"),
    ];
    expect(await bus.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
    await vi.waitFor(() => expect(taken()).toBe(before + 3), eventually);
    const queues = new SQSClient({ endpoint: ready.queuesUrl, region: "us-east-1", credentials });
    const { Attributes } = await queues.send(
      new GetQueueAttributesCommand({
        QueueUrl: ready.queueUrls["seller-events"],
        AttributeNames: ["ApproximateNumberOfMessages"],
      }),
    );
    expect(Attributes?.["ApproximateNumberOfMessages"]).toBe("0");
  });

  it("published to an SNS topic that the queue is subscribed to is taken, in SNS's own envelope", async () => {
    const sns = async (fields: Record<string, string>) =>
      (await fetch(ready.queuesUrl, { method: "POST", body: new URLSearchParams(fields) })).text();
    const TopicArn = /<TopicArn>(.*)<\/TopicArn>/.exec(
      await sns({ Action: "CreateTopic", Name: "usage" }),
    )?.[1];
    expect(TopicArn).toMatch(/:usage$/);
    const queue = ready.queueUrls["Usage"]?.split("/").at(-1) ?? "";
    const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${queue}`;
    await sns({ Action: "Subscribe", TopicArn: TopicArn ?? "", Protocol: "sqs", Endpoint });
    const before = taken();
    await sns({
      ...{ Action: "Publish", TopicArn: TopicArn ?? "" },
      Message: JSON.stringify([usage("s-1", now), usage("s-2", now)]),
    });
    await vi.waitFor(() => expect(taken()).toBe(before + 2), eventually);
  });

  it("reported over HTTP is in the queue when it is answered, a megabyte of it as well as one event", async () => {
    const before = taken();
    const post = async (body: unknown) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(ready.usageUrl, { method: "POST", headers, body: JSON.stringify(body) });
      return [response.status, await response.json()];
    };
    expect(await post(usage("h-0", now))).toMatchObject([202, { accepted: 1 }]);
    const padding = "x".repeat(1_500);
    const many = Array.from({ length: 600 }, (_, index) => ({ ...usage(`h-${index + 1}`, now), padding }));
    expect(await post(many)).toMatchObject([202, { accepted: 600, refused: 0, failed: 0 }]);
    expect(await post([usage("", now)])).toMatchObject([400, { accepted: 0, refused: 1 }]);
    expect((await fetch(ready.usageUrl)).status).toBe(404);
    await vi.waitFor(() => expect(taken()).toBe(before + 601), eventually);
  });

  it("published by the seller's client is taken; of somebody whom nobody knows, the door of access says so", async () => {
    const before = taken();
    const refused: string[] = [];
    const publisher = createUsagePublisher({
      ...{ url: ready.usageUrl, source: "client" },
      onRefused: ({ id }, reason) => refused.push(`${id}: ${reason}`),
      onTrouble: ({ reason }) => refused.push(reason),
    });
    const one = { subject: "l-0123456789abcdef", dimension: "gb_stored", quantity: "0.5", time: now };
    const outcome = await publisher.publishAll([one, one, { ...one, id: "c-3", tags: { "no!": "x" } }]);
    expect(outcome).toMatchObject({ accepted: 2, refused: [{ usage: { id: "c-3" } }], left: [] });
    expect(await publisher.close()).toEqual({ left: [] });
    expect(refused).toEqual([expect.stringContaining("c-3: data.tags")]);
    const access = createAccess({ url: ready.accessUrl });
    expect(await access.access(one.subject)).toMatchObject({ reason: "unknown-subject", stale: false });
    await vi.waitFor(() => expect(taken()).toBe(before + 2), eventually);
  });
});

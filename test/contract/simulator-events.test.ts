import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { caller, errorName, startQueues, startWorld } from "./simulator-world.ts";

let queues: Awaited<ReturnType<typeof startQueues>>;
let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  queues = await startQueues("all", "usage");
  world = await startWorld(queues.url);
});
afterAll(async () => {
  await world.close();
  await queues.close();
});
beforeEach(async () => {
  await queues.drain("all");
  await queues.drain("usage");
});

const put = async (...entries: PutEventsRequestEntry[]) => {
  const client = new EventBridgeClient({
    endpoint: world.url,
    region: "us-east-1",
    credentials: caller,
    maxAttempts: 1,
  });
  return client.send(new PutEventsCommand({ Entries: entries }));
};
const entry = (change: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: "tollhouse",
  Source: "lifecycle",
  DetailType: "subscription.activated",
  Detail: '{"version":3}',
  ...change,
});

it("an event reaches the queue of each rule it matches, as EventBridge's own JSON", async () => {
  const { FailedEntryCount, Entries } = await put(entry(), entry({ Source: "usage" }));
  expect(FailedEntryCount).toBe(0);
  const [first, second] = await queues.drain("all");
  expect([first?.["id"], second?.["id"]].sort()).toEqual(Entries?.map(({ EventId }) => EventId).sort());
  expect((await queues.drain("usage")).map(({ source }) => source)).toEqual(["usage"]);
  expect([first, second].find((event) => event?.["source"] === "lifecycle")).toMatchObject({
    version: "0",
    "detail-type": "subscription.activated",
    account: "444455556666",
    region: "us-east-1",
    time: "2026-08-20T14:23:11Z",
    resources: [],
    detail: { version: 3 },
  });
});

it("one bad entry fails alone, with its own code", async () => {
  const { FailedEntryCount, Entries } = await put(
    entry({ Detail: "[1]" }),
    entry({ EventBusName: "nowhere" }),
    entry({ Source: "aws.agreement-marketplace" }),
    entry({ DetailType: "lost" }),
    entry(),
  );
  expect(FailedEntryCount).toBe(4);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    "MalformedDetail",
    "InvalidArgument",
    "NotAuthorizedForSourceException",
    "InternalFailure",
    undefined,
  ]);
});

it("a role of the seller account puts no events", async () => {
  const client = new EventBridgeClient(world.as("Everything"));
  expect(await errorName(client.send(new PutEventsCommand({ Entries: [entry()] })))).toBe(
    "AccessDeniedException",
  );
  expect(await queues.drain("all")).toEqual([]);
});

it("an event whose answer is lost has arrived, and one that failed has not", async () => {
  const fault = (name: string) => ({ on: "calls", fault: name, operation: "PutEvents", next: 1 });
  await world.call("PUT", "/faults", { rules: [fault("fail"), fault("lose-answer")] });
  expect(await errorName(put(entry({ DetailType: "failed" })))).toBe("InternalException");
  expect(await errorName(put(entry({ DetailType: "unanswered" })))).not.toBe("none");
  expect(await errorName(put(entry({ DetailType: "answered" })))).toBe("none");
  const arrived = (await queues.drain("all")).map((event) => event["detail-type"]);
  expect(arrived.toSorted()).toEqual(["answered", "unanswered"]);
});

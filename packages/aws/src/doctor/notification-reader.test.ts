import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ScriptedAnswer, scriptedService } from "../scripted-service.ts";
import { type NotificationReader, notificationReader } from "./notification-reader.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "TEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What is read of an answer. */
async function readOf<Seen>(
  answer: ScriptedAnswer,
  look: (reader: NotificationReader) => Promise<Seen>,
): Promise<Seen> {
  const service = await scriptedService(answer);
  vi.stubEnv("AWS_ENDPOINT_URL", service.url);
  try {
    return await look(notificationReader({ who: "doctor", remedy: "" }));
  } finally {
    await service.close();
  }
}

test("a target tells of every setting that keeps the event from arriving whole", async () => {
  const transformer = { InputPathsMap: { a: "$.detail" }, InputTemplate: '{"a":<a>}' };
  const Targets = [
    { Id: "1", Arn: "a" },
    { Id: "2", Arn: "a", InputPath: "$" },
    { Id: "3", Arn: "a", InputPath: "$.detail" },
    { Id: "4", Arn: "a", Input: "{}" },
    { Id: "5", Arn: "a", InputTransformer: transformer },
  ];
  const targets = await readOf({ body: { Targets } }, (reader) => reader.targets("rule"));
  expect(targets?.map(({ reshapedBy }) => reshapedBy)).toEqual([
    [],
    [],
    ["InputPath"],
    ["Input"],
    ["InputTransformer"],
  ]);
});

test("a subscription that waits and one that has ended are told apart", async () => {
  const arns = ["arn:aws:sns:us-east-1:287250355862:topic:1", "PendingConfirmation", "Deleted"];
  const members = arns.map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`).join("");
  const body =
    `<ListSubscriptionsResponse><ListSubscriptionsResult><Subscriptions>${members}` +
    `</Subscriptions></ListSubscriptionsResult></ListSubscriptionsResponse>`;
  const subscriptions = await readOf({ body }, (reader) => reader.subscriptions());
  expect(subscriptions.map(({ state }) => state)).toEqual(["confirmed", "pending", "deleted"]);
});

import type { SQSEvent, SQSRecord } from "aws-lambda";
import { expect, test } from "vitest";
import { readWake } from "./read-wake.ts";

const messages = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body): SQSRecord => ({
    ...{ messageId: "m-1", receiptHandle: "", body, messageAttributes: {}, md5OfBody: "" },
    ...{
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:Meter",
      awsRegion: "us-east-1",
    },
    attributes: {
      ...{ ApproximateReceiveCount: "1", SentTimestamp: "0" },
      ...{ SenderId: "", ApproximateFirstReceiveTimestamp: "0" },
    },
  })),
});

test("the schedule asks for folds", () => {
  expect(readWake({})).toEqual({
    request: { asksForFolds: true, changed: [] },
    isScheduled: true,
    strangeMessages: 0,
  });
});

test("a wake by a fold asks for no further folds", () => {
  expect(readWake(messages("{}", "{}"))).toEqual({
    request: { asksForFolds: false, changed: [] },
    isScheduled: false,
    strangeMessages: 0,
  });
});

test("requests that name subscriptions ask for folds, and name each once", () => {
  const request = (subscriptionId: string) => JSON.stringify({ subscriptionId });
  expect(readWake(messages("{}", request("l-1"), request("l-2"), request("l-1")))).toEqual({
    request: { asksForFolds: true, changed: ["l-1", "l-2"] },
    isScheduled: false,
    strangeMessages: 0,
  });
});

test.each([
  "",
  "no JSON",
  "null",
  "[]",
  '"l-1"',
  '{"subscriptionId":7}',
  '{"subscriptionId":""}',
  '{"hour":"2026-08-20T14"}',
  JSON.stringify({ subscriptionId: "l".repeat(1_025) }),
  `${" ".repeat(4_097)}{"subscriptionId":"l-1"}`,
  '{"subscriptionId":[[[[[]]]]]}',
])("a message that says %j only wakes, and is told of", (body) => {
  expect(readWake(messages(body))).toEqual({
    request: { asksForFolds: false, changed: [] },
    isScheduled: false,
    strangeMessages: 1,
  });
});

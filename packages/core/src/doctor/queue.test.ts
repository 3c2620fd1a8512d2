import { describe, expect, test } from "vitest";
import { judgeDeadLetters, judgeSenders, type Sender, type SeenQueue } from "./queue.ts";
import { remediesOf } from "./remedy.ts";

const queue: SeenQueue = {
  url: "https://sqs.us-east-1.amazonaws.com/444455556666/tollhouse-production-Intake",
  arn: "arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Intake",
  visibilitySeconds: 270,
  maxReceives: 5,
  deadLetterArn: undefined,
  isEncrypted: true,
  policy: undefined,
  messages: 0,
};
const topics = ["arn:aws:sns:us-east-1:287250355862:one", "arn:aws:sns:us-east-1:287250355862:two"];
const senders: readonly Sender[] = [
  {
    who: "the topics",
    principals: ["Service sns.amazonaws.com"],
    conditions: [{ operator: "ArnEquals", key: "aws:SourceArn", values: topics }],
  },
];
const sns = {
  Effect: "Allow",
  Principal: { Service: "sns.amazonaws.com" },
  Action: "SQS:SendMessage",
  Condition: { ArnEquals: { "AWS:SourceArn": topics.toReversed() } },
};
const remedies = remediesOf("production", "aws");
const judge = (policy: object | undefined, wanted = senders) =>
  judgeSenders({ ...queue, policy: policy && JSON.stringify(policy) }, wanted, remedies);

describe("who may fill a queue", () => {
  test("is judged by what a policy means, not by how it is written", () => {
    expect(judge({ Statement: [sns] }).status).toBe("pass");
    expect(judge({ Statement: sns }).status).toBe("pass");
  });

  test("is compared with a policy that holds a bare truth or number", () => {
    const encrypted = {
      ...sns.Condition,
      Bool: { "aws:SecureTransport": true },
      NumericEquals: { "x:y": 5 },
    };
    const wanted = senders.map((sender) => ({
      ...sender,
      conditions: [
        ...sender.conditions,
        { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
        { operator: "NumericEquals", key: "x:y", values: ["5"] },
      ],
    }));
    expect(judge({ Statement: [{ ...sns, Condition: encrypted }] }, wanted).status).toBe("pass");
  });

  test("is nobody without a policy", () => {
    expect(judge(undefined, []).status).toBe("pass");
    expect(judge(undefined)).toMatchObject({
      detail: expect.stringMatching(/^The topics may not send/) as unknown,
    });
  });

  test.each([
    ["one topic less", { ...sns, Condition: { ArnEquals: { "aws:SourceArn": topics.slice(1) } } }],
    ["a looser comparison", { ...sns, Condition: { ArnLike: { "aws:SourceArn": topics } } }],
    ["no condition", { ...sns, Condition: undefined }],
    ["another action as well", { ...sns, Action: ["sqs:SendMessage", "sqs:ReceiveMessage"] }],
  ])("is not as the stack says with %s", (_, statement) => {
    expect(judge({ Statement: [statement] })).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(
        /The topics may not send.*; it lets Service sns\.amazonaws\.com in/,
      ) as unknown,
    });
  });

  test("is not as the stack says with somebody more", () => {
    const more = { ...sns, Principal: { AWS: "arn:aws:iam::999900001111:root" } };
    expect(judge({ Statement: [sns, more] })).toMatchObject({
      status: "fail",
      detail: "It lets AWS arn:aws:iam::999900001111:root in, which the stack does not.",
    });
  });
});

test("dead letters are counted by queue, and the first is shown on AWS itself or at the emulator", () => {
  const queues = [
    { name: "IntakeDeadLetter", queue: { ...queue, messages: 2 } },
    { name: "RelayDeadLetter", queue },
    { name: "MeterDeadLetter", queue: { ...queue, messages: 1 } },
    { name: "ScheduleDeadLetter", queue },
  ];
  const onAws = judgeDeadLetters(queues, undefined, remedies);
  expect(onAws).toMatchObject({
    status: "warn",
    detail: "IntakeDeadLetter holds 2, MeterDeadLetter holds 1.",
  });
  expect(onAws).toMatchObject({
    remedy: expect.stringMatching(/--region us-east-1 --queue-url https/) as unknown,
  });
  expect(judgeDeadLetters(queues, "http://127.0.0.1:1", remedies)).toMatchObject({
    remedy: expect.stringMatching(/--endpoint-url http:\/\/127\.0\.0\.1:1 --queue-url/) as unknown,
  });
});

test("a dead-letter queue that is not there is not taken for empty, and hides no other's letters", () => {
  const gone = { name: "ScheduleDeadLetter", queue: undefined };
  expect(judgeDeadLetters([{ name: "RelayDeadLetter", queue }, gone], undefined, remedies)).toMatchObject({
    status: "fail",
    detail: "ScheduleDeadLetter does not exist: what is given up on there is lost.",
    remedy: remedies.deployStack,
  });
  const full = { name: "IntakeDeadLetter", queue: { ...queue, messages: 2 } };
  expect(judgeDeadLetters([full, gone], undefined, remedies)).toMatchObject({
    status: "fail",
    detail: expect.stringMatching(
      /^ScheduleDeadLetter does not exist.* IntakeDeadLetter holds 2\.$/,
    ) as unknown,
    remedy: expect.stringMatching(/sst deploy.* Look at them: `aws sqs receive-message/) as unknown,
  });
});

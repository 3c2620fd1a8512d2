import { expect, it } from "vitest";
import { picture } from "./picture.ts";
import { edited, synth } from "./synth/synth.ts";

const topicArns = ["arn:aws:sns:us-east-1:444455556666:usage", "arn:aws:sns:eu-west-1:222233334444:metering"];

const configured = (sources: object) =>
  synth("production", {
    overlay: edited(
      "tollhouse.config.ts",
      "  registrationPage: {",
      `  usageSources: ${JSON.stringify(sources)},\n  registrationPage: {`,
    ),
  });

it("topics and accounts of the configuration may fill the usage queue, and nobody else's dead letters", async () => {
  const synthesis = await configured({ topicArns, accountIds: ["222233334444", "555566667777"] });
  expect(synthesis.errors).toEqual([]);
  const { queuePolicies } = picture(synthesis);
  const url = "https://sqs.us-east-1.amazonaws.com/444455556666/tollhouse-production-Usage";
  const [, ...added] = queuePolicies[url] ?? [];
  const sending = {
    Effect: "Allow",
    Action: ["sqs:SendMessage"],
    Resource: ["arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Usage"],
  };
  expect(added).toEqual([
    {
      ...sending,
      Principal: { Service: ["sns.amazonaws.com"] },
      Condition: { ArnEquals: { "aws:SourceArn": topicArns } },
    },
    {
      ...sending,
      Principal: { AWS: ["arn:aws:iam::222233334444:root", "arn:aws:iam::555566667777:root"] },
    },
  ]);
  expect(queuePolicies[`${url}DeadLetter`]).toHaveLength(1);
});

it("an address that is no topic's stops the deploy", async () => {
  const { errors, resources } = await configured({ topicArns: ["arn:aws:sqs:us-east-1:444455556666:usage"] });
  expect(errors.join("\n")).toMatch(/usageSources\.topicArns\[0\]: is no SNS topic's ARN/);
  expect(resources).toEqual([]);
});

import type { Kit } from "@tollhouse/aws/seller/kit";
import * as z from "zod";

/** What the kit makes, for people: its name on AWS and what it is for. */
export interface Made {
  readonly kind: string;
  readonly name: string;
  readonly purpose: string;
}

const named = z.looseObject({
  RoleName: z.string().optional(),
  Name: z.string().optional(),
  QueueName: z.string().optional(),
  TopicArn: z.string().optional(),
  Description: z.string().optional(),
});

/** Each resource that a person would look for; a queue's policy is part of its queue. */
export const contentsOf = ({ template }: Kit): readonly Made[] =>
  Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    const { RoleName, Name, QueueName, TopicArn, Description = "" } = named.parse(Properties);
    switch (Type) {
      case "AWS::IAM::Role":
        return [{ kind: "role", name: RoleName ?? "", purpose: Description.replace(/^.*?: |\.$/g, "") }];
      case "AWS::Events::Rule":
        return [
          {
            kind: "event rule",
            name: Name ?? "",
            purpose: "passes AWS Marketplace's events on",
          },
        ];
      case "AWS::SQS::Queue":
        return [
          { kind: "queue", name: QueueName ?? "", purpose: "keeps undelivered events for 14 days" },
        ];
      case "AWS::Events::Archive":
        return [
          { kind: "archive", name: "(named by AWS)", purpose: "keeps events for 90 days, to replay them" },
        ];
      case "AWS::SNS::Subscription":
        return [
          {
            kind: "subscription",
            name: TopicArn?.split(":").at(-1) ?? "",
            purpose: "fills production's intake queue",
          },
        ];
      default:
        return [];
    }
  });

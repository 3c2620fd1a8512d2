import { marketplaceRule } from "./duty.ts";
import { type Mark, tagsOf } from "./kit-mark.ts";
import { policy } from "./policy.ts";
import type { Resource } from "./template.ts";

/** Its name within the template; on AWS it has the rule's name, by which production's queue lets it in. */
export const deliveryRoleName = "DeliveryRole";

/** What EventBridge delivers events into production's account as: this rule alone may take it on, and it may fill one queue. */
export const deliveryRole = (
  sellerAccountId: string,
  ruleArn: string,
  intakeQueueArn: string,
  mark: Mark,
): Resource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName: marketplaceRule(mark.installation),
    Description: `Tollhouse, installation ${mark.installation.name}, stage ${mark.installation.stage}: lets EventBridge fill the intake queue.`,
    // Nobody else may make EventBridge use it (EventBridge guide, "Cross-service confused deputy prevention").
    AssumeRolePolicyDocument: policy({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": sellerAccountId },
        ArnEquals: { "aws:SourceArn": ruleArn },
      },
    }),
    Policies: [
      {
        PolicyName: "delivery",
        PolicyDocument: policy({ Effect: "Allow", Action: "sqs:SendMessage", Resource: intakeQueueArn }),
      },
    ],
    Tags: tagsOf(mark),
  },
});

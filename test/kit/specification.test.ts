import { sellerKit } from "@tollhouse/aws/seller/kit";
import { describe, expect, it } from "vitest";
import { configurations, stage, twoAccounts, withListings } from "./example.ts";
import { problemsOf } from "./specification.ts";

const every = Object.entries(configurations);

describe("CloudFormation's resource specification", () => {
  it.each(every)("finds nothing wrong with the kit for %s", (_, configuration) => {
    expect(problemsOf(sellerKit(configuration, stage).template)).toEqual([]);
  });

  it("finds nothing wrong with the kit of sixty old listings", () => {
    expect(problemsOf(sellerKit(withListings(60, "contract"), stage).template)).toEqual([]);
  });

  it("is asked about every kind of resource that a kit can hold", () => {
    const types = every.flatMap(([, configuration]) =>
      Object.values(sellerKit(configuration, stage).template.Resources).map(({ Type }) => Type),
    );
    expect([...new Set(types)].toSorted()).toEqual([
      "AWS::Events::Archive",
      "AWS::Events::Rule",
      "AWS::IAM::Role",
      "AWS::SNS::Subscription",
      "AWS::SQS::Queue",
      "AWS::SQS::QueuePolicy",
    ]);
  });
});

interface Mistake {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly problem: string;
}

const mistakes: readonly Mistake[] = [
  {
    name: "a misspelt property",
    from: `"RetentionDays"`,
    to: `"RetentionInDays"`,
    problem: "Resources.MarketplaceArchive.Properties.RetentionInDays: is not known to AWS",
  },
  {
    name: "a misspelt property deep inside",
    from: `"MaximumRetryAttempts"`,
    to: `"MaxRetryAttempts"`,
    problem:
      "Resources.MarketplaceRule.Properties.Targets[0].RetryPolicy.MaxRetryAttempts: is not known to AWS",
  },
  {
    name: "a number as text",
    from: `"RetentionDays":90`,
    to: `"RetentionDays":"90"`,
    problem: "Resources.MarketplaceArchive.Properties.RetentionDays: is no integer",
  },
  {
    name: "a truth value as text",
    from: `"SqsManagedSseEnabled":true`,
    to: `"SqsManagedSseEnabled":"yes"`,
    problem: "Resources.DeadLetterQueue.Properties.SqsManagedSseEnabled: is no boolean",
  },
  {
    name: "one thing where a list belongs",
    from: `"Queues":[{"Ref":"DeadLetterQueue"}]`,
    to: `"Queues":"DeadLetterQueue"`,
    problem: "Resources.DeadLetterPolicy.Properties.Queues: is no array",
  },
  {
    name: "a number where a policy belongs",
    from: `"PolicyDocument":`,
    to: `"PolicyDocument":7, "Was":`,
    problem: "Resources.RegistrationRole.Properties.Policies[0].PolicyDocument: is no string or json",
  },
  {
    name: "a value that AWS does not offer",
    from: `"State":"ENABLED"`,
    to: `"State":"ON"`,
    problem:
      "Resources.MarketplaceRule.Properties.State: is none of DISABLED, ENABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
  },
  {
    name: "a required property that is missing",
    from: `"SourceArn":"arn:aws:events:us-east-1:111122223333:event-bus/default",`,
    to: "",
    problem: "Resources.MarketplaceArchive.Properties.SourceArn: is required",
  },
  {
    name: "a required property that is missing deep inside",
    from: `"Id":"intake",`,
    to: "",
    problem: "Resources.MarketplaceRule.Properties.Targets[0].Id: is required",
  },
  {
    name: "a tag without a value",
    from: `"Value":"tollhouse"`,
    to: `"Content":"tollhouse"`,
    problem: "Resources.RegistrationRole.Properties.Tags[0].Value: is no string",
  },
  {
    name: "a resource that AWS does not have",
    from: `"AWS::Events::Archive"`,
    to: `"AWS::Events::Archives"`,
    problem: "Resources.MarketplaceArchive.Type: AWS knows no AWS::Events::Archives",
  },
  {
    name: "a reference to nothing",
    from: `{"Ref":"DeadLetterQueue"}`,
    to: `{"Ref":"DeadQueue"}`,
    problem: "Resources.DeadLetterPolicy.Properties.Queues[0]: Ref names no resource",
  },
  {
    name: "an attribute that the resource does not have",
    from: `["DeliveryRole","Arn"]`,
    to: `["DeliveryRole","ARN"]`,
    problem:
      "Resources.MarketplaceRule.Properties.Targets[0].RoleArn: Fn::GetAtt names no attribute of a resource",
  },
  {
    name: "a dependence on nothing",
    from: `"DependsOn":"DeadLetterPolicy"`,
    to: `"DependsOn":"DeadPolicy"`,
    problem: "Resources.MarketplaceRule.DependsOn: names no resource",
  },
  {
    name: "a logical name with a dash",
    from: `"MarketplaceRule"`,
    to: `"Marketplace-Rule"`,
    problem: "Resources.Marketplace-Rule: is no logical name: letters and digits only",
  },
];

describe("a mistake in the template", () => {
  it.each(mistakes)("is found: $name", ({ from, to, problem }) => {
    const text = JSON.stringify(sellerKit(twoAccounts, stage).template);
    expect(text, "the mistake has a place").toContain(from);
    expect(problemsOf(JSON.parse(text.replace(from, () => to)))).toContain(problem);
  });
});

import { sellerKit } from "@tollhouse/aws/seller/kit";
import type { Template } from "@tollhouse/aws/seller/template";
import { describe, expect, it } from "vitest";
import { stage, twoAccounts } from "./example.ts";
import { expected } from "./expected.ts";
import { picture, type Picture } from "./picture.ts";

interface Mutation {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly caughtBy: keyof Picture;
}

const root = `{"AWS":"arn:aws:iam::444455556666:root"}`;
const meter = `["arn:aws:iam::444455556666:role/tollhouse-production-meter"]`;
const entitlements = `["aws-marketplace:GetEntitlements"]`;
const agreements = `["aws-marketplace:SearchAgreements"]`;
const proposer = `"StringEquals":{"aws-marketplace:PartyType":["Proposer"]}`;
const purchases = `"ForAllValues:StringEquals":{"aws-marketplace:AgreementType":["PurchaseAgreement"]}`;
const intake = `arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Intake`;
const ruleArn = `arn:aws:events:us-east-1:111122223333:rule/tollhouse-production-marketplace`;

/** Mistakes that a person could make and a review could miss; each must change the section that guards against it. */
const mutations: readonly Mutation[] = [
  {
    name: "everybody may take on a role",
    from: `"Principal":${root}`,
    to: `"Principal":"*"`,
    caughtBy: "trusts",
  },
  {
    name: "the trust is in another account",
    from: root,
    to: `{"AWS":"arn:aws:iam::999900001111:root"}`,
    caughtBy: "letIn",
  },
  {
    name: "nobody is asked for the external id",
    from: `"StringEquals":{"sts:ExternalId":"example-only-replace-me"},`,
    to: "",
    caughtBy: "letIn",
  },
  {
    name: "the external id is another",
    from: `"sts:ExternalId":"example-only-replace-me"`,
    to: `"sts:ExternalId":"example-only-replace-you"`,
    caughtBy: "letIn",
  },
  {
    name: "the external id is asked for under a name that AWS does not have",
    from: `"sts:ExternalId"`,
    to: `"sts:ExternalID2"`,
    caughtBy: "letIn",
  },
  {
    name: "every role of production may meter",
    from: `"ArnEquals":{"aws:PrincipalArn":${meter}}`,
    to: `"ArnEquals":{"aws:PrincipalArn":["arn:aws:iam::444455556666:role/*"]}`,
    caughtBy: "letIn",
  },
  {
    name: "whatever begins like the meter may meter",
    from: meter,
    to: `["arn:aws:iam::444455556666:role/tollhouse-production-meter*"]`,
    caughtBy: "letIn",
  },
  {
    name: "production as a whole may meter",
    from: `,"ArnEquals":{"aws:PrincipalArn":${meter}}`,
    to: "",
    caughtBy: "letIn",
  },
  {
    name: "another function may meter",
    from: meter,
    to: `["arn:aws:iam::444455556666:role/tollhouse-production-fold"]`,
    caughtBy: "letIn",
  },
  {
    name: "one more function may read",
    from: `"arn:aws:iam::444455556666:role/tollhouse-production-entitlement",`,
    to: `"arn:aws:iam::444455556666:role/tollhouse-production-entitlement","arn:aws:iam::444455556666:role/tollhouse-production-intake",`,
    caughtBy: "letIn",
  },
  {
    name: "one more action",
    from: `["aws-marketplace:BatchMeterUsage"]`,
    to: `["aws-marketplace:BatchMeterUsage","aws-marketplace:MeterUsage"]`,
    caughtBy: "may",
  },
  {
    name: "every action of AWS Marketplace",
    from: entitlements,
    to: `["aws-marketplace:*"]`,
    caughtBy: "may",
  },
  { name: "an action too few", from: agreements, to: entitlements, caughtBy: "may" },
  {
    name: "agreements of every kind and party",
    from: `,"Condition":{${proposer},${purchases}}`,
    to: "",
    caughtBy: "may",
  },
  {
    name: "agreements of what the seller bought",
    from: proposer,
    to: proposer.replace(`"Proposer"`, `"Proposer","Acceptor"`),
    caughtBy: "may",
  },
  { name: "agreements of every kind", from: `,${purchases}`, to: "", caughtBy: "may" },
  {
    name: "a condition under a name that AWS does not have",
    from: `"aws-marketplace:PartyType"`,
    to: `"aws-marketplace:Party"`,
    caughtBy: "may",
  },
  {
    name: "an action under the API's own name",
    from: `"aws-marketplace:ResolveCustomer"`,
    to: `"meteringmarketplace:ResolveCustomer"`,
    caughtBy: "may",
  },
  {
    name: "the audit may look at every role",
    from: `"Resource":["arn:aws:iam::111122223333:role/TollhouseRegistration",`,
    to: `"Resource":["*",`,
    caughtBy: "may",
  },
  {
    name: "the rule's role may fill every queue",
    from: `"Resource":"${intake}"`,
    to: `"Resource":"*"`,
    caughtBy: "may",
  },
  {
    name: "the rule's role may also read the queue",
    from: `"Action":"sqs:SendMessage","Resource":"${intake}"`,
    to: `"Action":"sqs:*","Resource":"${intake}"`,
    caughtBy: "may",
  },
  {
    name: "any rule of any account may use the rule's role",
    from: `,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnEquals":{"aws:SourceArn":"${ruleArn}"}}`,
    to: "",
    caughtBy: "rulesRole",
  },
  {
    name: "any rule of the seller may use the rule's role",
    from: `,"ArnEquals":{"aws:SourceArn":"${ruleArn}"}}`,
    to: "}",
    caughtBy: "rulesRole",
  },
  {
    name: "the rule's role is for another service",
    from: `"Service":"events.amazonaws.com"`,
    to: `"Service":"sns.amazonaws.com"`,
    caughtBy: "rulesRole",
  },
  {
    name: "sessions for half a day",
    from: `"MaxSessionDuration":3600`,
    to: `"MaxSessionDuration":43200`,
    caughtBy: "sessions",
  },
  {
    name: "raw delivery",
    from: `"RawMessageDelivery":false`,
    to: `"RawMessageDelivery":true`,
    caughtBy: "subscriptions",
  },
  {
    name: "a topic of another Region",
    from: `"Region":"us-east-1"`,
    to: `"Region":"eu-west-1"`,
    caughtBy: "subscriptions",
  },
  {
    name: "a topic of somebody else",
    from: `arn:aws:sns:us-east-1:287250355862`,
    to: `arn:aws:sns:us-east-1:123456789012`,
    caughtBy: "subscriptions",
  },
  {
    name: "notifications to another queue",
    from: `"Endpoint":"${intake}"`,
    to: `"Endpoint":"${intake}DeadLetter"`,
    caughtBy: "subscriptions",
  },
  {
    name: "a rule without dead letters",
    from: `,"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["DeadLetterQueue","Arn"]}}`,
    to: "",
    caughtBy: "rules",
  },
  {
    name: "a rule that gives up at once",
    from: `"MaximumRetryAttempts":185`,
    to: `"MaximumRetryAttempts":0`,
    caughtBy: "rules",
  },
  {
    name: "a rule on a bus of one's own",
    from: `"EventBusName":"default"`,
    to: `"EventBusName":"marketplace"`,
    caughtBy: "rules",
  },
  { name: "a rule that sleeps", from: `"State":"ENABLED"`, to: `"State":"DISABLED"`, caughtBy: "rules" },
  {
    name: "a rule for some events only",
    from: `"EventPattern":{"source":["aws.agreement-marketplace"]},"Targets"`,
    to: `"EventPattern":{"source":["aws.agreement-marketplace"],"detail-type":["License Updated - Manufacturer"]},"Targets"`,
    caughtBy: "rules",
  },
  {
    name: "a rule for another source",
    from: `["aws.agreement-marketplace"]},"Targets"`,
    to: `["aws.marketplace"]},"Targets"`,
    caughtBy: "rules",
  },
  {
    name: "a rule of another Region's queue",
    from: `"Arn":"${intake}"`,
    to: `"Arn":"${intake.replace("us-east-1", "eu-west-1")}"`,
    caughtBy: "rules",
  },
  {
    name: "a rule that delivers as EventBridge itself",
    from: `"RoleArn":{"Fn::GetAtt":["DeliveryRole","Arn"]},`,
    to: "",
    caughtBy: "rules",
  },
  {
    name: "a rule that delivers as another role",
    from: `["DeliveryRole","Arn"]`,
    to: `["AuditRole","Arn"]`,
    caughtBy: "rules",
  },
  {
    name: "dead letters of four days",
    from: `"MessageRetentionPeriod":1209600`,
    to: `"MessageRetentionPeriod":345600`,
    caughtBy: "deadLetters",
  },
  {
    name: "dead letters in the open",
    from: `"SqsManagedSseEnabled":true`,
    to: `"SqsManagedSseEnabled":false`,
    caughtBy: "deadLetters",
  },
  {
    name: "any rule may fill the dead-letter queue",
    from: `,"Condition":{"ArnEquals":{"aws:SourceArn":"${ruleArn}"}}`,
    to: "",
    caughtBy: "deadLetters",
  },
  {
    name: "nobody may fill the dead-letter queue",
    from: `"Queues":[{"Ref":"DeadLetterQueue"}]`,
    to: `"Queues":[]`,
    caughtBy: "deadLetters",
  },
  { name: "an archive of a week", from: `"RetentionDays":90`, to: `"RetentionDays":7`, caughtBy: "archives" },
  {
    name: "an archive of another bus",
    from: `event-bus/default`,
    to: `event-bus/marketplace`,
    caughtBy: "archives",
  },
  {
    name: "a role that does not say of which kit it is",
    from: `"tollhouse:kit-digest"`,
    to: `"tollhouse:kit"`,
    caughtBy: "tags",
  },
];

const { template } = sellerKit(twoAccounts, stage);
const text = JSON.stringify(template);

describe("the seller-account kit", () => {
  it("is what is written down, section by section", () => {
    expect(picture(template)).toEqual(expected);
  });

  it.each(mutations)("$name: caught by $caughtBy", ({ from, to, caughtBy }) => {
    expect(text, "the mutation has a place").toContain(from);
    const mutated = JSON.parse(text.replace(from, () => to)) as Template;
    expect(picture(mutated)[caughtBy]).not.toEqual(expected[caughtBy]);
  });
});

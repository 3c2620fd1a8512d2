import type { Picture } from "./picture.ts";

const seller = "111122223333";
const production = "444455556666";
const prefix = "tollhouse-production";
const intake = `arn:aws:sqs:us-east-1:${production}:${prefix}-Intake`;
const deadLetters = `${prefix}-MarketplaceDeadLetter`;
const rule = `${prefix}-marketplace`;
const ruleArn = `arn:aws:events:us-east-1:${seller}:rule/${rule}`;
const role = (name: string) => `arn:aws:iam::${seller}:role/${name}`;
const duties = ["TollhouseRegistration", "TollhouseMetering", "TollhouseLifecycle", "TollhouseAudit"];
const roles = duties.map(role);

const letIn = (name: string, as: string) =>
  `arn:aws:iam::${production}:role/${prefix}-${name} as ${as} with the right external id`;
const tags = ["tollhouse:installation", "tollhouse:kit-digest", "tollhouse:kit-version", "tollhouse:stage"];
const pattern = { source: ["aws.agreement-marketplace"] };
const byRule = `events.amazonaws.com for ${seller}'s ${rule}`;
const reads = {
  "aws-marketplace:GetEntitlements": "everything",
  "aws-marketplace:SearchAgreements of offered purchases": "everything",
} as const;

/** The kit of the repository's own configuration, written out by hand. Nothing is imported from what is tested. */
export const expected: Picture = {
  letIn: [
    letIn("registration", "TollhouseRegistration"),
    letIn("meter", "TollhouseMetering"),
    letIn("entitlement", "TollhouseLifecycle"),
    letIn("reconciliation", "TollhouseLifecycle"),
    letIn("doctor", "TollhouseAudit"),
  ],
  trusts: Object.fromEntries(duties.map((name) => [name, [`arn:aws:iam::${production}:root`]])),
  may: {
    TollhouseRegistration: { "aws-marketplace:ResolveCustomer": "everything" },
    TollhouseMetering: { "aws-marketplace:BatchMeterUsage": "everything" },
    TollhouseLifecycle: reads,
    TollhouseAudit: {
      ...reads,
      "iam:GetRole": roles,
      "iam:SimulatePrincipalPolicy": roles,
      "events:DescribeRule": [ruleArn],
      "events:ListTargetsByRule": [ruleArn],
      "sns:ListSubscriptions": "everything",
    },
    [rule]: { "sqs:SendMessage": [intake] },
  },
  rulesRole: [byRule],
  sessions: Object.fromEntries(duties.map((name) => [name, 3_600])),
  subscriptions: [
    `arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123examplemailer0000000 in us-east-1 to sqs ${intake}`,
  ],
  rules: [
    {
      name: rule,
      bus: "default",
      state: "ENABLED",
      pattern,
      targets: [
        {
          to: intake,
          as: role(rule),
          retry: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          deadLetters: `arn:aws:sqs:us-east-1:${seller}:${deadLetters}`,
        },
      ],
    },
  ],
  deadLetters: [{ name: deadLetters, days: 14, encrypted: true, from: [byRule] }],
  archives: [{ bus: `arn:aws:events:us-east-1:${seller}:event-bus/default`, pattern, days: 90 }],
  tags: Object.fromEntries([...duties, rule].map((name) => [name, tags])),
};

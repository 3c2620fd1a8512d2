import type { Template } from "@tollhouse/aws/seller/template";
import * as z from "zod";
import type { Synthesis } from "../infra/synth/synth.ts";
import type { Principal } from "./iam/evaluate.ts";
import { type Policy, parsePolicy } from "./iam/policy.ts";

/** The two sides as AWS would have them: the kit's template in the seller's account, and the stack that SST makes. */

/** A role that somebody may take on. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
  readonly tags: Readonly<Record<string, string>>;
  readonly maxSessionSeconds?: number | undefined;
}

export const asPrincipal = ({ arn, accountId, policies }: Role): Principal => ({
  kind: "role",
  accountId,
  arn,
  policies,
});

interface Kit {
  readonly roles: readonly Role[];
  readonly subscriptions: readonly z.output<typeof subscription>[];
  readonly rules: readonly z.output<typeof rule>[];
  /** By the queue's ARN. */
  readonly queuePolicies: ReadonlyMap<string, Policy>;
  readonly queues: readonly z.output<typeof queue>[];
  readonly archives: readonly z.output<typeof archive>[];
}

/** Strictly: a managed policy, say, would have to be judged as well. */
const roleProperties = z.strictObject({
  RoleName: z.string(),
  Description: z.string(),
  MaxSessionDuration: z.number().optional(),
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() })),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
const subscription = z.strictObject({
  TopicArn: z.string(),
  Region: z.string().optional(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RawMessageDelivery: z.boolean().optional(),
});
const rule = z.looseObject({
  Name: z.string(),
  EventBusName: z.string().optional(),
  State: z.string().optional(),
  EventPattern: z.unknown(),
  Targets: z.array(
    z.looseObject({
      Arn: z.string(),
      RoleArn: z.string().optional(),
      RetryPolicy: z
        .object({ MaximumEventAgeInSeconds: z.number(), MaximumRetryAttempts: z.number() })
        .optional(),
      DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
    }),
  ),
});
const queue = z.looseObject({
  QueueName: z.string(),
  MessageRetentionPeriod: z.number(),
  SqsManagedSseEnabled: z.boolean().optional(),
});
const queuePolicy = z.object({ Queues: z.array(z.string()), PolicyDocument: z.unknown() });
const archive = z.looseObject({
  SourceArn: z.string(),
  EventPattern: z.unknown(),
  RetentionDays: z.number(),
});

/** What the template makes in an account. @throws when it holds what is not judged here */
export function deployedKit(template: Template, accountId: string): Kit {
  const resources = Object.values(template.Resources).map(({ Type, Properties }) => ({
    type: Type,
    properties: resolved(Properties, template, accountId),
  }));
  const of = <Schema extends z.ZodType>(type: string, schema: Schema) =>
    resources.filter((each) => each.type === type).map(({ properties }) => schema.parse(properties));
  return {
    roles: of("AWS::IAM::Role", roleProperties).map((role) => ({
      name: role.RoleName,
      arn: `arn:aws:iam::${accountId}:role/${role.RoleName}`,
      accountId,
      trust: parsePolicy(role.AssumeRolePolicyDocument),
      policies: role.Policies.map(({ PolicyDocument }) => parsePolicy(PolicyDocument)),
      tags: Object.fromEntries(role.Tags.map(({ Key, Value }) => [Key, Value])),
      maxSessionSeconds: role.MaxSessionDuration,
    })),
    subscriptions: of("AWS::SNS::Subscription", subscription),
    rules: of("AWS::Events::Rule", rule),
    queues: of("AWS::SQS::Queue", queue),
    queuePolicies: new Map(
      of("AWS::SQS::QueuePolicy", queuePolicy).flatMap(({ Queues, PolicyDocument }) =>
        Queues.map((name) => [name, parsePolicy(PolicyDocument)] as const),
      ),
    ),
    archives: of("AWS::Events::Archive", archive),
  };
}

/** Every reference becomes the ARN that the resource will have, a queue's Ref too, which AWS answers with its URL. */
function resolved(value: unknown, template: Template, accountId: string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => resolved(each, template, accountId));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [key, named] = entries[0] ?? [];
  if (key === "Ref" || key === "Fn::GetAtt")
    return arnOf(String(Array.isArray(named) ? named[0] : named), template, accountId);
  return Object.fromEntries(entries.map(([name, held]) => [name, resolved(held, template, accountId)]));
}

function arnOf(logicalName: string, { Resources }: Template, accountId: string): string {
  const { Type, Properties = {} } = Resources[logicalName] ?? {};
  if (Type === "AWS::IAM::Role") return `arn:aws:iam::${accountId}:role/${String(Properties["RoleName"])}`;
  if (Type === "AWS::SQS::Queue")
    return `arn:aws:sqs:us-east-1:${accountId}:${String(Properties["QueueName"])}`;
  throw new Error(`${logicalName} is referred to, and nobody knows its ARN here`);
}

const stackRole = z.object({
  name: z.string(),
  assumeRolePolicy: z.unknown(),
  inlinePolicies: z.array(z.object({ policy: z.string() })),
  managedPolicyArns: z.array(z.string()).max(0).optional(),
});

/** The roles that the stack makes in production's account, by name. */
export const stackRoles = ({ resources }: Synthesis, accountId: string): ReadonlyMap<string, Role> =>
  new Map(
    resources
      .filter(({ type }) => type === "aws:iam/role:Role")
      .map(({ inputs }) => {
        const { name, assumeRolePolicy, inlinePolicies } = stackRole.parse(inputs);
        const role: Role = {
          name,
          arn: `arn:aws:iam::${accountId}:role/${name}`,
          accountId,
          trust: parsePolicy(assumeRolePolicy),
          policies: inlinePolicies.map(({ policy }) => parsePolicy(policy)),
          tags: {},
        };
        return [name, role];
      }),
  );

const stackQueuePolicy = z.object({ queueUrl: z.string(), policy: z.string() });

/** Who may fill the stack's intake queue. @throws unless there is exactly one policy that says so */
export function intakePolicy({ resources, errors }: Synthesis): Policy {
  const found = resources
    .filter(({ type }) => type === "aws:sqs/queuePolicy:QueuePolicy")
    .map(({ inputs }) => stackQueuePolicy.parse(inputs))
    .filter(({ queueUrl }) => queueUrl.endsWith("-Intake"));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0)
    throw new Error(`${found.length} policies are of the intake queue: ${errors.join("\n")}`);
  return parsePolicy(only.policy);
}

import type { Template } from "@tollhouse/aws/seller/template";
import { functions } from "@tollhouse/functions/manifest";
import { deployedKit, type Role } from "./deployed.ts";
import { evaluate, type Principal } from "./iam/evaluate.ts";
import {
  allowedTo,
  dutyRoles,
  everything,
  externalIds,
  production,
  seller,
  takeOn,
  triedResources,
} from "./trial.ts";

/** The kit of two accounts as one readable value, section by section, so that a test can say which of them a change touches. */
export type Picture = ReturnType<typeof picture>;

export function picture(template: Template) {
  const { roles, subscriptions, rules, queues, queuePolicies, archives } = deployedKit(template, seller);
  const duties = roles.filter(({ name }) => dutyRoles.includes(name));
  const rulesRoles = roles.filter(({ name }) => !dutyRoles.includes(name));
  return {
    /** Of everybody who is tried, with each external id: who may take on which role. */
    letIn: duties.flatMap((role) =>
      callers.flatMap((caller) =>
        externalIds
          .filter(([, externalId]) => takeOn(caller, role, externalId) === "allowed")
          .map(([which]) => `${nameOf(caller)} as ${role.name} with ${which} external id`),
      ),
    ),
    /** The accounts that are trusted at all: the conditions alone would keep others out, and are not to be all there is. */
    trusts: Object.fromEntries(
      duties.map(({ name, trust }) => [
        name,
        trust.Statement.flatMap(({ Principal }) => Principal?.AWS ?? []),
      ]),
    ),
    may: Object.fromEntries(roles.map((role) => [role.name, permissionsOf(role)])),
    /** Whom EventBridge's role lets in, as what. */
    rulesRole: rulesRoles.flatMap((role) => sources.filter((source) => isRun(source, role)).map(textOf)),
    sessions: Object.fromEntries(duties.map(({ name, maxSessionSeconds }) => [name, maxSessionSeconds])),
    subscriptions: subscriptions.map(
      ({ TopicArn, Region, Protocol, Endpoint, RawMessageDelivery }) =>
        `${TopicArn} in ${String(Region)} to ${Protocol} ${Endpoint}${RawMessageDelivery === false ? "" : ", raw"}`,
    ),
    rules: rules.map(({ Name, EventBusName, State, EventPattern, Targets }) => ({
      name: Name,
      bus: EventBusName,
      state: State,
      pattern: EventPattern,
      targets: Targets.map(({ Arn, RoleArn, RetryPolicy, DeadLetterConfig }) => ({
        to: Arn,
        as: RoleArn,
        retry: RetryPolicy,
        deadLetters: DeadLetterConfig?.Arn,
      })),
    })),
    deadLetters: queues.map(({ QueueName, MessageRetentionPeriod, SqsManagedSseEnabled }) => {
      const arn = `arn:aws:sqs:us-east-1:${seller}:${QueueName}`;
      return {
        name: QueueName,
        days: MessageRetentionPeriod / 86_400,
        encrypted: SqsManagedSseEnabled,
        from: sources.filter((source) => isTaken(source, arn, queuePolicies.get(arn))).map(textOf),
      };
    }),
    archives: archives.map(({ SourceArn, EventPattern, RetentionDays }) => ({
      bus: SourceArn,
      pattern: EventPattern,
      days: RetentionDays,
    })),
    tags: Object.fromEntries(roles.map(({ name, tags }) => [name, Object.keys(tags).toSorted()])),
  };
}

const role = (accountId: string, name: string): Principal => ({
  kind: "role",
  accountId,
  arn: `arn:aws:iam::${accountId}:role/${name}`,
  policies: [everything],
});

const stranger = "999900001111";

/** All may ask for everything, so that the kit alone decides. */
const callers: readonly Principal[] = [
  ...Object.keys(functions).map((name) => role(production, `tollhouse-production-${name}`)),
  ...["administrator", "tollhouse-production-meter2", "tollhouse-jane-meter"].map((name) =>
    role(production, name),
  ),
  ...Object.keys(functions).map((name) => role(stranger, `tollhouse-production-${name}`)),
  ...[production, stranger].map((accountId): Principal => ({
    kind: "root",
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    policies: [everything],
  })),
];

const nameOf = (caller: Principal): string => ("arn" in caller ? caller.arn : caller.name);

function permissionsOf(held: Role): Readonly<Record<string, "everything" | readonly string[]>> {
  const allowed = Map.groupBy(allowedTo(held), ({ action }) => action);
  return Object.fromEntries(
    [...allowed].map(([action, on]) => [
      action,
      on.length === triedResources.length ? ("everything" as const) : on.map(({ resource }) => resource),
    ]),
  );
}

interface Source {
  readonly service: string;
  readonly accountId: string;
  readonly rule: string;
}

/** Services that could be made to act, for whose rule. */
const sources: readonly Source[] = ["events.amazonaws.com", "sns.amazonaws.com"].flatMap((service) =>
  [seller, stranger].flatMap((accountId) =>
    ["tollhouse-production-marketplace", "tollhouse-production-marketplace2"].map((rule) => ({
      service,
      accountId,
      rule,
    })),
  ),
);

const textOf = ({ service, accountId, rule }: Source): string => `${service} for ${accountId}'s ${rule}`;

const contextOf = ({ accountId, rule }: Source) => ({
  "aws:SourceAccount": accountId,
  "aws:SourceArn": `arn:aws:events:us-east-1:${accountId}:rule/${rule}`,
});

const isRun = (source: Source, { arn, trust }: Role): boolean =>
  evaluate({
    principal: { kind: "service", name: source.service },
    action: "sts:AssumeRole",
    resource: arn,
    resourceAccountId: seller,
    resourcePolicy: trust,
    context: contextOf(source),
  }) === "allowed";

const isTaken = (source: Source, queueArn: string, policy: Role["trust"] | undefined): boolean =>
  evaluate({
    principal: { kind: "service", name: source.service },
    action: "sqs:SendMessage",
    resource: queueArn,
    resourceAccountId: seller,
    ...(policy !== undefined && { resourcePolicy: policy }),
    context: contextOf(source),
  }) === "allowed";

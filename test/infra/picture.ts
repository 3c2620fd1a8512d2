import { alarms, archive, dashboards, topics } from "./picture-watch.ts";
import type { Inputs } from "./synth/fake-aws.ts";
import type { Resource } from "./synth/record.ts";
import type { Synthesis } from "./synth/synth.ts";

/** The stack as a reviewer would want to see it: everything that decides who may do what, and nothing that SST merely needs. */
export type Picture = ReturnType<typeof picture>;

export function picture({ app, resources, builds, stackOutputs }: Synthesis) {
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  return {
    app: { name: app.name, removal: app.removal, protect: app.protect },
    tables: named(all("aws:dynamodb/table:Table"), table),
    queues: named(all("aws:sqs/queue:Queue"), queue),
    queuePolicies: Object.fromEntries(
      all("aws:sqs/queuePolicy:QueuePolicy").map(({ inputs }) => [
        String(inputs.queueUrl),
        statements(inputs.policy),
      ]),
    ),
    buses: all("aws:cloudwatch/eventBus:EventBus").map(({ inputs }) => inputs.name),
    rules: rules(all),
    functions: named(all("aws:lambda/function:Function"), (resource) => lambda(resource, builds)),
    roles: named(all("aws:iam/role:Role"), role),
    subscriptions: byKey(
      all("aws:lambda/eventSourceMapping:EventSourceMapping").map(({ inputs }) => inputs),
      "eventSourceArn",
    ),
    schedules: named(
      all("aws:scheduler/schedule:Schedule"),
      ({ inputs: { scheduleExpression, state, target } }) => ({
        scheduleExpression,
        state,
        target,
      }),
    ),
    failedTicks: byKey(
      all("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").map(({ inputs }) => inputs),
      "functionName",
    ),
    http: http(all),
    mayInvoke: mayInvoke(all),
    logs: Object.fromEntries(
      all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => [
        String(inputs.name),
        inputs.retentionInDays,
      ]),
    ),
    archives: named(all("aws:cloudwatch/eventArchive:EventArchive"), archive),
    topics: topics(all),
    alarms: alarms(all),
    dashboards: dashboards(all),
    /** How many of each kind there are: whatever is added shows here, even a kind that no other section looks at. */
    census: census(resources),
    /** What the installer tells AWS Marketplace and the seller's services. */
    outputs: Object.fromEntries(Object.entries(stackOutputs).filter(([key]) => !key.startsWith("_"))),
  };
}

function table({ inputs, retainOnDelete }: Resource) {
  return {
    key: `${String(inputs.hashKey)} ${String(inputs.rangeKey)}`,
    attributes: attributesOf(inputs),
    indexes: Object.fromEntries(
      (inputs.globalSecondaryIndexes as Inputs[]).map(
        ({ name, hashKey, rangeKey, projectionType, nonKeyAttributes }) => [
          String(name),
          [hashKey, rangeKey, projectionType, ...((nonKeyAttributes as string[] | undefined) ?? [])].join(
            " ",
          ),
        ],
      ),
    ),
    billingMode: inputs.billingMode,
    ttl: inputs.ttl,
    pointInTimeRecovery: inputs.pointInTimeRecovery,
    deletionProtection: inputs.deletionProtectionEnabled,
    retained: retainOnDelete,
  };
}

const attributesOf = ({ attributes }: Inputs) =>
  (attributes as Inputs[]).map(({ name, type }) => `${String(name)}:${String(type)}`).join(" ");

function queue({ inputs }: Resource) {
  const {
    visibilityTimeoutSeconds,
    messageRetentionSeconds,
    redrivePolicy,
    sqsManagedSseEnabled,
    fifoQueue,
  } = inputs;
  return {
    visibilityTimeoutSeconds,
    messageRetentionSeconds,
    redrivePolicy: typeof redrivePolicy === "string" ? (JSON.parse(redrivePolicy) as unknown) : undefined,
    sqsManagedSseEnabled,
    fifoQueue,
  };
}

/** The rules of the stack's bus, each with where it sends. */
const rules = (all: (type: string) => Resource[]) =>
  named(all("aws:cloudwatch/eventRule:EventRule"), ({ inputs: { name, eventBusName, eventPattern } }) => ({
    eventBusName,
    eventPattern: JSON.parse(String(eventPattern)) as unknown,
    targets: all("aws:cloudwatch/eventTarget:EventTarget")
      .filter(({ inputs }) => inputs.rule === name)
      .map(({ inputs: { eventBusName: targetBus, arn, retryPolicy, deadLetterConfig } }) => ({
        eventBusName: targetBus,
        arn,
        retryPolicy,
        deadLetterConfig,
      })),
  }));

/** Left out of the environment: what SST adds for its own library, which no handler uses. */
function lambda({ name, inputs }: Resource, builds: Synthesis["builds"]) {
  const variables = (inputs.environment as { variables: Inputs }).variables;
  const build = builds.find(({ functionID }) => `${functionID}Function` === name);
  return {
    handler: build?.handler,
    minify: build?.properties.minify,
    runtime: inputs.runtime,
    architectures: inputs.architectures,
    timeout: inputs.timeout,
    memorySize: inputs.memorySize,
    reservedConcurrentExecutions: inputs.reservedConcurrentExecutions,
    loggingConfig: inputs.loggingConfig,
    tracing: inputs.tracingConfig,
    role: inputs.role,
    linked: Object.keys(build?.links ?? {}).filter((link) => link !== "App"),
    environment: Object.fromEntries(Object.entries(variables).filter(([key]) => !key.startsWith("SST_"))),
  };
}

function role({ inputs: { assumeRolePolicy, inlinePolicies, managedPolicyArns } }: Resource) {
  return {
    trust: statements(assumeRolePolicy),
    managed: managedPolicyArns,
    statements: (inlinePolicies as { policy: string }[]).flatMap(({ policy }) => statements(policy)),
  };
}

/** Each API by its name: who is let in, to what, how often, and what is logged of it. */
function http(all: (type: string) => Resource[]) {
  const of = (type: string, api: string) =>
    all(type)
      .filter(({ inputs }) => inputs.apiId === api)
      .map(({ inputs }) => inputs);
  const integrations = Object.fromEntries(
    all("aws:apigatewayv2/integration:Integration").map((one) => [`integrations/${one.name}`, one.inputs]),
  );
  return named(all("aws:apigatewayv2/api:Api"), ({ inputs: { name, corsConfiguration } }) => ({
    cors: corsConfiguration,
    routes: Object.fromEntries(
      of("aws:apigatewayv2/route:Route", String(name)).map(({ routeKey, target, authorizationType }) => [
        String(routeKey),
        `${String(authorizationType)} ${String(integrations[String(target)]?.integrationUri)}`,
      ]),
    ),
    throttling: of("aws:apigatewayv2/stage:Stage", String(name)).map(
      ({ defaultRouteSettings }) => defaultRouteSettings,
    ),
    logged: of("aws:apigatewayv2/stage:Stage", String(name)).flatMap(({ accessLogSettings }) =>
      Object.keys(JSON.parse((accessLogSettings as { format: string }).format) as object),
    ),
  }));
}

/** How many routes of which API may run a function. */
const mayInvoke = (all: (type: string) => Resource[]) =>
  all("aws:lambda/permission:Permission")
    .map(({ inputs: { principal, sourceArn } }) => `${String(principal)} ${String(sourceArn)}`)
    .toSorted();

/** A policy comes as JSON or as an object, and a single action or resource as a string or a list. */
export function statements(policy: unknown): unknown[] {
  const document = (typeof policy === "string" ? JSON.parse(policy) : policy) as { Statement: Inputs[] };
  return document.Statement.map((statement) => ({
    ...Object.fromEntries(Object.entries(statement).filter(([key]) => key !== "Sid")),
    Action: [statement.Action].flat(),
    ...("Resource" in statement && { Resource: [statement.Resource].flat() }),
  }));
}

const named = <Shown>(resources: Resource[], show: (resource: Resource) => Shown): Record<string, Shown> =>
  Object.fromEntries(resources.map((resource) => [String(resource.inputs.name), show(resource)]));

const byKey = (list: Inputs[], key: string): Record<string, Inputs> =>
  Object.fromEntries(list.map(({ [key]: name, ...rest }) => [String(name), rest]));

function census(resources: Resource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) {
    if (type.startsWith("aws:")) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

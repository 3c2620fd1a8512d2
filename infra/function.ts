import { metricNamespace } from "@tollhouse/aws/metric/metric";
import {
  environmentOf,
  functions,
  type FunctionName,
  secretsOf,
  type Source,
} from "@tollhouse/functions/manifest";
import { accountId } from "./account";
import { bus } from "./bus";
import { registrationUrl } from "./http";
import { named } from "./name";
import { giveUpTicks, receiveFrom, type Permission } from "./permission";
import { deadLetters, queues } from "./queue";
import { actFor } from "./seller";
import { secrets } from "./secret";
import { settingsOf } from "./stage";
import { tables } from "./storage";

/** The one place that makes a function. Its name and its role's name are fixed: the seller account trusts the role by name. */
export function makeFunction(name: FunctionName, permissions: Permission[]): sst.aws.Function {
  const { handler, timeoutSeconds, memoryMegabytes, sources, ...door } = functions[name];
  const everyMinutes = scheduleOf(sources);
  return new sst.aws.Function(`${name.charAt(0).toUpperCase()}${name.slice(1)}Function`, {
    name: named(name),
    handler,
    runtime: "nodejs24.x",
    architecture: "arm64",
    // SST's documentation says minified by default; 4.17.1 does so only when told.
    nodejs: { minify: true },
    timeout: `${timeoutSeconds} seconds`,
    memory: `${memoryMegabytes} MB`,
    logging: { format: "json", retention: settingsOf($app.stage).logRetention },
    environment: environmentOf<$util.Input<string>>(name, {
      stage: $app.stage,
      metricNamespace: metricNamespace($app),
      tableName: (table) => tables[table].name,
      queueUrl: (queue) => queues[queue].url,
      busName: () => bus.name,
      registrationUrl: () => registrationUrl,
    }),
    link: secretsOf(name).map((secret) => secrets[secret]),
    permissions: [
      ...permissions,
      ...actFor(name),
      ...sources.flatMap(permissionsFor),
      writeLogs(name),
      traceCalls,
    ],
    ...("alone" in door && { concurrency: { reserved: 1 } }),
    ...(everyMinutes !== undefined && { retries: 1 }),
    transform: {
      role: (role) => tighten(role, name),
      // Where a call's time goes, function by function. Lambda samples one request a second and 5% of the rest.
      function: (args) => {
        args.tracingConfig = { mode: "Active" };
      },
      ...(everyMinutes !== undefined && { eventInvokeConfig: giveUpAfter(everyMinutes) }),
    },
  });
}

const scheduleOf = (sources: readonly Source[]): number | undefined =>
  sources.find((source) => source.kind === "schedule")?.everyMinutes;

function permissionsFor(source: Source): Permission[] {
  switch (source.kind) {
    case "queue":
      return [receiveFrom(source.queue)];
    case "schedule":
      return [giveUpTicks()];
    case "http":
    case "invoke":
      return [];
  }
}

function tighten(role: aws.iam.RoleArgs, name: FunctionName): undefined {
  role.name = named(name);
  // The managed policy lets a function write every log of the account; `writeLogs` names its own.
  role.managedPolicyArns = [];
  // SST 4.17.1 also trusts the account's root: meant for `sst dev` alone, but written always.
  if (!$dev)
    role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
}

const writeLogs = (name: FunctionName): Permission => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [$interpolate`arn:aws:logs:us-east-1:${accountId}:log-group:/aws/lambda/${named(name)}:*`],
});

/**
 * What Lambda's own daemon asks of the function's role. AWS offers nothing narrower: both actions know no resource types (Service
 * Authorization Reference, "Actions, resources, and condition keys for AWS X-Ray"). The managed policy grants reads besides.
 */
const traceCalls: Permission = {
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
};

/** The most that Lambda keeps an event in its own queue (Lambda guide, "Configuring error handling for asynchronous invocation"). */
const longestEventAgeSeconds = 21_600;

/**
 * A schedule only puts its tick into Lambda's own queue, so what fails after that is Lambda's to report. A tick older than
 * its period is worthless: the next one looks at the same tables.
 */
const giveUpAfter = (everyMinutes: number) => ({
  maximumEventAgeInSeconds: Math.min(everyMinutes * 60, longestEventAgeSeconds),
  destinationConfig: { onFailure: { destination: deadLetters.Schedule.arn } },
});

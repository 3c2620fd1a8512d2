import { type Reading } from "@tollhouse/aws/doctor/reading";
import { resourceName } from "@tollhouse/aws/seller/duty";
import { metricNamespace } from "@tollhouse/aws/metric/metric";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { type Remedies, remediesOf } from "@tollhouse/core/doctor/remedy";
import {
  deadLetterOf,
  type DeadLetterName,
  environmentOf,
  type FunctionName,
  type QueueName,
  type TableName,
} from "../manifest.ts";

/** What doctor's own environment says, as the stack sets it. */
export interface Surroundings {
  readonly stage: string;
  /** `local`: emulators stand in for AWS, and some of what the stack makes has no counterpart. */
  readonly place: "aws" | "local";
  readonly tables: Readonly<Record<TableName, string>>;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
  readonly busName: string;
  readonly registrationUrl: string;
  /** After how long, at most, a taken message comes back where workers die for practice. */
  readonly longestVisibilitySeconds: number;
}

/** One stage of the installation: what it should be like, and who looks at it. */
export interface Installation extends Surroundings {
  readonly configuration: Configuration;
  readonly remedies: Remedies;
  /** The function's own role. */
  readonly own: Reading;
  readonly named: (part: string) => string;
  /** Of one of our functions' roles. */
  readonly roleArn: (name: string) => string;
  readonly deadLetterUrl: (name: DeadLetterName) => string;
  readonly environment: (name: FunctionName) => Readonly<Record<string, string>>;
}

export function installationOf(configuration: Configuration, surroundings: Surroundings): Installation {
  const { stage, place, tables, queueUrls, busName, registrationUrl } = surroundings;
  const named = (part: string) => resourceName({ name: configuration.name, stage }, part);
  const remedies = remediesOf(stage, place);
  return {
    ...surroundings,
    configuration,
    remedies,
    own: { who: `The role of the function ${named("doctor")}`, remedy: remedies.deployStack },
    named,
    roleArn: (name) => `arn:aws:iam::${configuration.production.accountId}:role/${named(name)}`,
    // Every queue's name ends with the manifest's, in every place.
    deadLetterUrl: (name) => queueUrls.Intake.replace(/Intake$/, name),
    environment: (name) =>
      environmentOf(name, {
        stage,
        metricNamespace: metricNamespace({ name: configuration.name, stage }),
        tableName: (table) => tables[table],
        queueUrl: (queue) => queueUrls[queue],
        busName: () => busName,
        registrationUrl: () => registrationUrl,
      }),
  };
}

export const deadLetterNames = (queues: readonly QueueName[]): readonly DeadLetterName[] => [
  ...queues.map((queue) => deadLetterOf(queue)),
  deadLetterOf("Schedule"),
];

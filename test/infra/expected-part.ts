/** A policy's statement. */
export const allow = (actions: string, ...resources: string[]) => ({
  Effect: "Allow",
  Action: actions.split(" "),
  Resource: resources,
});

/** A table by its indexes and attributes; the rest is alike for all, and a permanent stage keeps them. */
export const tableOf = (permanent: boolean) => (indexes: Record<string, string>, attributes: string) => ({
  key: "pk sk",
  attributes,
  indexes,
  billingMode: "PAY_PER_REQUEST",
  ttl: { attributeName: "expiresAt", enabled: true },
  pointInTimeRecovery: { enabled: true },
  deletionProtection: permanent,
  retained: permanent,
});

/** The one SNS topic of the repository's own configuration. */
export const topic =
  "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123examplemailer0000000";

/** What things of the repository's own configuration are called on AWS. */
export function namesOf(stage: string) {
  const prefix = `tollhouse-${stage}`;
  const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:444455556666:${rest}`;
  const lifecycle = arn("dynamodb", `table/${prefix}-LifecycleTable`);
  const metering = arn("dynamodb", `table/${prefix}-MeteringTable`);
  const queueArn = (name: string) => arn("sqs", `${prefix}-${name}`);
  const queueUrl = (name: string) => `https://sqs.us-east-1.amazonaws.com/444455556666/${prefix}-${name}`;
  const functionArn = (name: string) => arn("lambda", `function:${prefix}-${name}`);
  const roleArn = (name: string) => `arn:aws:iam::444455556666:role/${prefix}-${name}`;
  return { prefix, arn, lifecycle, metering, queueArn, queueUrl, functionArn, roleArn };
}

import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { Configuration, Duty } from "@tollhouse/core/configuration/configuration";
import { clientSettings } from "../client-settings.ts";

/** STS refuses more than an hour when one role assumes another (IAM guide, role chaining). */
const sessionSeconds = 3_600;

const roleArn = ({ seller }: Pick<Configuration, "seller">, duty: Duty): string | undefined =>
  seller.assumeRole && `arn:aws:iam::${seller.accountId}:role/${seller.assumeRole.roles[duty]}`;

/**
 * Credentials of the seller account for one duty. The SDK client that gets them keeps the session in memory, asks for a new
 * one five minutes before it expires, and once however many calls wait. Without roles, production is the seller account.
 * @param sessionName seen in the seller's CloudTrail: the function that acts
 */
export function sellerCredentials(
  configuration: Pick<Configuration, "seller">,
  duty: Duty,
  sessionName: string,
) {
  const arn = roleArn(configuration, duty);
  if (arn === undefined || configuration.seller.assumeRole === undefined) return fromNodeProviderChain();
  return fromTemporaryCredentials({
    params: {
      RoleArn: arn,
      RoleSessionName: `tollhouse-${sessionName}`,
      ExternalId: configuration.seller.assumeRole.externalId,
      DurationSeconds: sessionSeconds,
    },
    clientConfig: { ...clientSettings, region: "us-east-1" },
  });
}

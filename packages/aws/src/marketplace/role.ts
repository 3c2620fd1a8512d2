import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import type { Configuration, Duty } from "@tollhouse/core/configuration/configuration";
import { clientSettings, pageClientSettings } from "../client-settings.ts";
import { makeMeasure } from "../metric/measure.ts";
import { SellerRoleError } from "./role-error.ts";

/** STS refuses more than an hour when one role assumes another (IAM guide, role chaining). */
const sessionSeconds = 3_600;

type Credentials = ReturnType<typeof fromNodeProviderChain>;
type Accounts = Pick<Configuration, "seller" | "production">;

/** How one function acts for the seller in one duty. */
export interface SellerRole {
  readonly duty: Duty;
  /** `undefined`: production is the seller's account, and the function's own role may act itself. */
  readonly arn: string | undefined;
  /** @throws SellerRoleError when no session could be had */
  readonly credentials: Credentials;
}

/** A session is for one configuration, duty and name; whoever asks again gets the same, so that a function has one of each. */
const roles = new WeakMap<Accounts, Map<string, SellerRole>>();

/**
 * The seller's role for one duty. Its session stays in memory, is renewed five minutes before it expires, and once however many
 * clients and calls wait (the SDK's own memory, shared between clients).
 * @param sessionName seen in the seller's CloudTrail: the function that acts
 */
export function sellerRole(configuration: Accounts, duty: Duty, sessionName: string): SellerRole {
  const known = roles.get(configuration) ?? new Map<string, SellerRole>();
  roles.set(configuration, known);
  const name = `${duty} ${sessionName}`;
  const role = known.get(name) ?? makeRole(configuration, duty, sessionName);
  known.set(name, role);
  return role;
}

function makeRole({ seller, production }: Accounts, duty: Duty, sessionName: string): SellerRole {
  const { accountId, assumeRole } = seller;
  const arn = assumeRole && `arn:aws:iam::${accountId}:role/${assumeRole.roles[duty]}`;
  const provider =
    arn === undefined || assumeRole === undefined
      ? fromNodeProviderChain()
      : fromTemporaryCredentials({
          params: {
            RoleArn: arn,
            RoleSessionName: `tollhouse-${sessionName}`,
            ExternalId: assumeRole.externalId,
            DurationSeconds: sessionSeconds,
          },
          clientConfig: {
            ...(duty === "registration" ? pageClientSettings : clientSettings),
            region: "us-east-1",
          },
        });
  const explained: Credentials = (options) =>
    provider(options).catch((error: unknown) => {
      const refused = new SellerRoleError({ arn, ownArn: ownRoleArn(production), cause: error });
      // Here, where every function passes: what they make of it differs, and not each has a report to say it in.
      if (refused.needsMending) makeMeasure()({ SellerRoleRefused: 1 });
      throw refused;
    });
  const shared = memoizeIdentityProvider(explained, isIdentityExpired, doesIdentityRequireRefresh);
  return { duty, arn, credentials: shared ?? explained };
}

/** On Lambda a function's role has the function's name (`infra/function.ts`); elsewhere nobody knows. */
function ownRoleArn({ accountId }: Configuration["production"]): string | undefined {
  const name = process.env["AWS_LAMBDA_FUNCTION_NAME"];
  return name === undefined ? undefined : `arn:aws:iam::${accountId}:role/${name}`;
}

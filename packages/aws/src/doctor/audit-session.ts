import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { UnreadableError } from "@tollhouse/core/doctor/examine";
import type { Attempt } from "@tollhouse/core/doctor/session";
import { SellerRoleError } from "../marketplace/role-error.ts";
import { clientFor, isDenial, nameOf, read, type Reading, type SessionCredentials } from "./reading.ts";

/** The least that STS gives: doctor needs it for a minute. */
const sessionSeconds = 900;

export type AuditAttempt =
  | { readonly gave: "session"; readonly credentials: SessionCredentials }
  | Extract<Attempt, { gave: "refusal" }>;

export interface AuditRole {
  readonly arn: string;
  /** Of the function that assumes it. */
  readonly ownArn: string;
}

/**
 * Tries to assume the audit role, anew each time: a session from before would hide that the role changed.
 * @param externalId `undefined`: none is sent
 * @throws UnreadableError when STS said neither yes nor no
 */
export async function assumeAuditRole(
  own: Reading,
  { arn, ownArn }: AuditRole,
  externalId: string | undefined,
): Promise<AuditAttempt> {
  const client = new STSClient(clientFor(own));
  const order = new AssumeRoleCommand({
    RoleArn: arn,
    RoleSessionName: "tollhouse-doctor",
    DurationSeconds: sessionSeconds,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  return read(own, "sts:AssumeRole", async () => {
    try {
      const { Credentials } = await client.send(order);
      return { gave: "session" as const, credentials: sessionOf(Credentials) };
    } catch (error) {
      if (!isDenial(error) && nameOf(error) !== "ValidationError") throw error;
      return { gave: "refusal" as const, reason: new SellerRoleError({ arn, ownArn, cause: error }).message };
    } finally {
      client.destroy();
    }
  });
}

function sessionOf(
  credentials:
    | {
        AccessKeyId: string | undefined;
        SecretAccessKey: string | undefined;
        SessionToken: string | undefined;
      }
    | undefined,
): SessionCredentials {
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
  } = credentials ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw new UnreadableError("STS answered without credentials.", "Run doctor again.");
  return { accessKeyId, secretAccessKey, sessionToken };
}

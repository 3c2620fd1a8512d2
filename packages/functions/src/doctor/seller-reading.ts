import { assumeAuditRole, type AuditAttempt } from "@tollhouse/aws/doctor/audit-session";
import type { Reading } from "@tollhouse/aws/doctor/reading";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { UnreadableError } from "@tollhouse/core/doctor/examine";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";

/** The seller's roles as they are configured; `undefined` where production is the seller's own account. */
export interface SellerRoles {
  readonly externalId: string;
  readonly arnOf: (duty: keyof NonNullable<Configuration["seller"]["assumeRole"]>["roles"]) => string;
}

export function sellerRolesOf({ seller }: Configuration): SellerRoles | undefined {
  const { assumeRole, accountId } = seller;
  return (
    assumeRole && {
      externalId: assumeRole.externalId,
      arnOf: (duty) => `arn:aws:iam::${accountId}:role/${assumeRole.roles[duty]}`,
    }
  );
}

/** How the seller's account is looked at. */
export interface SellerAccess {
  /** With an external id, or with none. */
  readonly attempt: (externalId: string | undefined) => Promise<AuditAttempt>;
  /** @throws UnreadableError when there is no session, and so nothing to look with */
  readonly reading: () => Promise<Reading>;
}

/** Through the audit role; where production is the seller's account, as ourselves. */
export function sellerAccess({ own, configuration, remedies, roleArn }: Installation): SellerAccess {
  const roles = sellerRolesOf(configuration);
  if (roles === undefined)
    return {
      attempt: () => Promise.resolve({ gave: "refusal", reason: "there is no role" }),
      reading: () => Promise.resolve(own),
    };
  const arn = roles.arnOf("audit");
  const attempt = (externalId: string | undefined) =>
    assumeAuditRole(own, { arn, ownArn: roleArn("doctor") }, externalId);
  const reading = once(async () => {
    const answer = await attempt(roles.externalId);
    if (answer.gave === "session")
      return { credentials: answer.credentials, who: arn, remedy: remedies.deployKit };
    throw new UnreadableError(
      `There is no session of ${arn} to look with.`,
      "Mend what the finding roles.audit.session says, then run doctor again.",
    );
  });
  return { attempt, reading };
}

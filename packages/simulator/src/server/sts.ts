import { AwsError } from "./aws-error.ts";
import type { SellerAccount } from "./seller-account.ts";
import type { Credentials, Principal, Sessions } from "./session.ts";
import { escaped, queryAnswer, queryError } from "./xml.ts";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

const response = (action: string, result: string): string => queryAnswer(namespace, action, result);

/** STS's form of a refusal. */
export const stsError = (code: string, message: string): string => queryError(namespace, code, message);

/** Answers the Query protocol. @throws AwsError as STS would refuse. */
export function answerSts(
  form: URLSearchParams,
  principal: Principal,
  account: SellerAccount,
  sessions: Sessions,
  machineNowMs: number,
): string {
  if (principal.service !== "sts")
    throw new AwsError(
      "SignatureDoesNotMatch",
      "Credential should be scoped to correct service: 'sts'.",
      403,
    );
  const action = form.get("Action");
  if (action === "GetCallerIdentity") return callerIdentity(principal, account);
  if (action === "AssumeRole") return assumeRole(form, principal, account, sessions, machineNowMs);
  throw new AwsError("InvalidAction", `Could not find operation ${action ?? ""} for version 2011-06-15`);
}

function callerIdentity({ arn, accountId }: Principal, { now }: SellerAccount): string {
  const account = now.callersAccountId ?? accountId;
  return response(
    "GetCallerIdentity",
    `<Arn>${escaped(arn)}</Arn><UserId>AIDA${account}</UserId><Account>${account}</Account>`,
  );
}

function assumeRole(
  form: URLSearchParams,
  principal: Principal,
  account: SellerAccount,
  sessions: Sessions,
  machineNowMs: number,
): string {
  const roleArn = form.get("RoleArn") ?? "";
  const sessionName = form.get("RoleSessionName") ?? "";
  const durationSeconds = Number(form.get("DurationSeconds") ?? 3_600);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw new AwsError("ValidationError", "roleSessionName must be 2 to 64 letters, digits or +=,.@-");
  // An hour is a new role's limit, and the limit of every session made from a session.
  if (!(Number.isInteger(durationSeconds) && durationSeconds >= 900 && durationSeconds <= 3_600))
    throw new AwsError("ValidationError", "durationSeconds must be from 900 to the role's limit of 3600");
  const role = account.role(roleArn);
  // AWS says the same whether the role is missing, trusts another, or wants another external id.
  if (
    role === undefined ||
    principal.callerArn === undefined ||
    !(role.trusts.includes(principal.callerArn) || role.trusts.includes("*")) ||
    (role.externalId !== undefined && role.externalId !== form.get("ExternalId"))
  )
    throw new AwsError(
      "AccessDenied",
      `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      403,
    );
  const session = sessions.open(role, sessionName, durationSeconds, machineNowMs);
  return response("AssumeRole", credentialsXml(session, session.sessionArn));
}

const credentialsXml = (credentials: Credentials, arn: string): string =>
  `<AssumedRoleUser><AssumedRoleId>AROASIMULATOR:${escaped(arn.split("/").at(-1) ?? "")}</AssumedRoleId>` +
  `<Arn>${escaped(arn)}</Arn></AssumedRoleUser>` +
  `<Credentials><AccessKeyId>${credentials.accessKeyId}</AccessKeyId>` +
  `<SecretAccessKey>${credentials.secretAccessKey}</SecretAccessKey>` +
  `<SessionToken>${credentials.sessionToken}</SessionToken>` +
  `<Expiration>${new Date(credentials.expiresAtMs).toISOString().replace(".000Z", "Z")}</Expiration></Credentials>`;

import { AwsError } from "./aws-error.ts";
import { conditionsHold, type Context } from "./condition.ts";
import { accountOf } from "./configuration.ts";
import type { Role, SellerAccount } from "./seller-account.ts";
import type { Principal } from "./session.ts";
import { elements, list, queryAnswer } from "./xml.ts";

const iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";
const snsNamespace = "http://sns.amazonaws.com/doc/2010-03-31/";

interface Query {
  readonly service: "iam" | "sns";
  readonly answer: (form: URLSearchParams, account: SellerAccount) => string;
}

/** What the seller's account tells of itself in the Query protocol, by action (IAM and SNS API references). */
const queries: Readonly<Partial<Record<string, Query>>> = {
  GetRole: { service: "iam", answer: getRole },
  SimulatePrincipalPolicy: { service: "iam", answer: simulatePrincipalPolicy },
  ListSubscriptions: { service: "sns", answer: listSubscriptions },
};

export const isAccountQuery = (action: string): boolean => queries[action] !== undefined;

/** @throws AwsError when the principal may not ask, or as IAM and SNS would refuse */
export function answerAccountQuery(
  action: string,
  form: URLSearchParams,
  principal: Principal,
  account: SellerAccount,
): string {
  const query = queries[action];
  if (query === undefined) throw new AwsError("InvalidAction", `Could not find operation ${action}`);
  if (principal.service !== query.service)
    throw new AwsError(
      "SignatureDoesNotMatch",
      `Credential should be scoped to correct service: '${query.service}'.`,
      403,
    );
  if (!principal.actions.includes(`${query.service}:${action}`))
    throw new AwsError(
      query.service === "sns" ? "AuthorizationError" : "AccessDenied",
      `User: ${principal.arn} is not authorized to perform: ${query.service}:${action} because no identity-based policy allows the action`,
      403,
    );
  return queryAnswer(
    query.service === "iam" ? iamNamespace : snsNamespace,
    action,
    query.answer(form, account),
  );
}

function getRole(form: URLSearchParams, account: SellerAccount): string {
  const name = form.get("RoleName") ?? "";
  const role = account.now.roles.find(({ arn }) => arn.split("/").at(-1) === name);
  if (role === undefined) throw notFound(name);
  const known = {
    Path: "/",
    RoleName: name,
    RoleId: "AROASIMULATOR",
    Arn: role.arn,
    CreateDate: "2026-01-01T00:00:00Z",
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trustPolicyOf(role))),
    MaxSessionDuration: "3600",
  };
  const tags = Object.entries(role.tags).map(([Key, Value]) => elements({ Key, Value }));
  return `<Role>${elements(known)}${list("Tags", tags)}</Role>`;
}

const notFound = (role: string) =>
  new AwsError("NoSuchEntity", `The role with name ${role} cannot be found.`, 404);

/** The account's root stands for those of its roles that a condition names. */
function trustPolicyOf({ trusts, externalId }: Role): object {
  const byAccount = Map.groupBy(trusts, (arn) => (arn === "*" ? "*" : accountOf(arn)));
  const guard = externalId === undefined ? {} : { StringEquals: { "sts:ExternalId": externalId } };
  return {
    Version: "2012-10-17",
    Statement: [...byAccount].map(([accountId, arns]) => ({
      Effect: "Allow",
      Principal: { AWS: accountId === "*" ? "*" : `arn:aws:iam::${accountId}:root` },
      Action: "sts:AssumeRole",
      Condition: {
        ...guard,
        ...(accountId === "*" ? {} : { ArnEquals: { "aws:PrincipalArn": arns } }),
      },
    })),
  };
}

/**
 * One result an action, with the decision for each resource inside it (IAM API reference, EvaluationResult). Actions here hold
 * for every resource, so that all decisions of an action are the same.
 */
function simulatePrincipalPolicy(form: URLSearchParams, account: SellerAccount): string {
  const sourceArn = form.get("PolicySourceArn") ?? "";
  const role = account.role(sourceArn);
  if (role === undefined) throw notFound(sourceArn);
  const resources = members(form, "ResourceArns");
  const context = contextOf(form);
  const isAllowed = (name: string) =>
    role.actions.includes(name) && conditionsHold(role.conditions?.[name] ?? [], context);
  const results = members(form, "ActionNames").map((name) => {
    const decision = isAllowed(name) ? "allowed" : "implicitDeny";
    const specific = (resources.length === 0 ? ["*"] : resources).map((resource) =>
      elements({ EvalResourceName: resource, EvalResourceDecision: decision }),
    );
    return (
      elements({ EvalActionName: name, EvalResourceName: "*", EvalDecision: decision }) +
      list("ResourceSpecificResults", specific)
    );
  });
  return `${list("EvaluationResults", results)}<IsTruncated>false</IsTruncated>`;
}

/** An entry for each key, with a list of values of its own (IAM API reference, ContextEntry). */
function contextOf(form: URLSearchParams): Context {
  const names = [...form].flatMap(([key, name]) => {
    const [, entry] = /^(ContextEntries\.member\.\d+)\.ContextKeyName$/.exec(key) ?? [];
    return entry === undefined ? [] : [{ entry, name }];
  });
  return new Map(
    names.map(({ entry, name }) => [name.toLowerCase(), members(form, `${entry}.ContextKeyValues`)]),
  );
}

const members = (form: URLSearchParams, name: string): readonly string[] =>
  [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);

/** SNS API reference, ListSubscriptions. */
const pageSize = 100;

function listSubscriptions(form: URLSearchParams, account: SellerAccount): string {
  const all = account.now.topicSubscriptions ?? [];
  const from = Number(form.get("NextToken") ?? 0);
  const page = all.slice(from, from + pageSize).map((subscription, index) => {
    const { topicArn, protocol, endpoint } = subscription;
    return elements({
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
      Owner: accountOf(topicArn),
      SubscriptionArn: subscriptionArn(subscription, from + index),
    });
  });
  const next = from + pageSize < all.length ? String(from + pageSize) : undefined;
  return `${list("Subscriptions", page)}${elements({ NextToken: next })}`;
}

/** Of one that waits or has ended, SNS says so in the ARN's place. */
function subscriptionArn(
  { topicArn, confirmed, deleted }: { topicArn: string; confirmed: boolean; deleted: boolean },
  index: number,
): string {
  if (deleted) return "Deleted";
  return confirmed
    ? `${topicArn}:00000000-0000-4000-8000-${String(index).padStart(12, "0")}`
    : "PendingConfirmation";
}

import { type Context, conditionsHold, matchesAction, matchesResource } from "./match.ts";
import type { Policy, Statement } from "./policy.ts";

/**
 * IAM's documented decision (IAM guide, "Policy evaluation logic" and "Cross-account policy evaluation logic", autumn 2026) for
 * the cases that our policies make: a role, an account's root or a service asks for one action on one resource that may have a
 * policy. It is our reading of that page: AWS's own verdict cannot be had without an account.
 */
export interface Request {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  /** Whose the resource is. */
  readonly resourceAccountId: string;
  /** A role's trust policy or a queue's policy; absent where the action has no resource with one. */
  readonly resourcePolicy?: Policy;
  readonly context?: Context;
}

export type Principal =
  | { readonly kind: "service"; readonly name: string }
  | {
      /** `root` is the account's own; a role's sessions are the role, as aws:PrincipalArn shows them. */
      readonly kind: "role" | "root";
      readonly accountId: string;
      readonly arn: string;
      readonly policies: readonly Policy[];
    };

export type Verdict = "allowed" | "denied";

export function evaluate(request: Request): Verdict {
  const { principal, resourcePolicy } = request;
  const asked = { ...request, context: contextOf(request) };
  const byIdentity =
    principal.kind === "service" ? [] : principal.policies.flatMap(({ Statement }) => Statement);
  const identity = byIdentity.filter((statement) => {
    if (statement.Principal !== undefined) throw new Error("an identity's policy names no principal");
    return applies(statement, asked);
  });
  const resource = (resourcePolicy?.Statement ?? [])
    .filter((statement) => applies(statement, asked))
    .map((statement) => ({ statement, reach: reachOf(statement, principal) }))
    .filter(({ reach }) => reach !== "nobody");
  if ([...identity, ...resource.map(({ statement }) => statement)].some(({ Effect }) => Effect === "Deny"))
    return "denied";
  const mayItself = identity.length > 0;
  const isLetIn = resource.length > 0;
  if (principal.kind === "service") return verdict(isLetIn);
  if (principal.accountId !== request.resourceAccountId) return verdict(mayItself && isLetIn);
  // Within an account a policy that names the principal is enough, also without the principal's own. A trust policy has to agree.
  if (resource.some(({ reach }) => reach === "principal")) return "allowed";
  return verdict(request.action === "sts:AssumeRole" ? mayItself && isLetIn : mayItself);
}

const verdict = (isAllowed: boolean): Verdict => (isAllowed ? "allowed" : "denied");

const contextOf = ({ principal, context }: Request): Context =>
  principal.kind === "service"
    ? { ...context }
    : { ...context, "aws:PrincipalArn": principal.arn, "aws:PrincipalAccount": principal.accountId };

/** A trust policy has no Resource: it is about the role that it belongs to. */
const applies = (
  statement: Statement,
  { action, resource, context }: Request & { context: Context },
): boolean =>
  matchesAction(statement.Action, action) &&
  (statement.Resource === undefined || matchesResource(statement.Resource, resource)) &&
  conditionsHold(statement, context);

/** Whether a policy's statement means this principal by name, or its whole account, which leaves the decision to that account. */
function reachOf({ Principal }: Statement, principal: Principal): "principal" | "account" | "nobody" {
  if (Principal === undefined) throw new Error("a resource's policy names its principals");
  if (principal.kind === "service")
    return Principal.Service.includes(principal.name) ? "principal" : "nobody";
  if (Principal.AWS.some((name) => name === "*" || name === principal.arn)) return "principal";
  const account = [principal.accountId, `arn:aws:iam::${principal.accountId}:root`];
  return Principal.AWS.some((name) => account.includes(name)) ? "account" : "nobody";
}

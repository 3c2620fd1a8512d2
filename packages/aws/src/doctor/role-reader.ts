import {
  type EvaluationResult,
  GetRoleCommand,
  IAMClient,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Decision } from "@tollhouse/core/doctor/grant";
import type { SeenRole } from "@tollhouse/core/doctor/trust";
import type { Grant } from "../seller/duty.ts";
import { allPages, clientFor, type Reading, readIfThere } from "./reading.ts";

/** Ours asks for some dozen decisions a role; AWS gives up to 1,000 a page. */
const maxPages = 10;
const notThere = ["NoSuchEntityException", "NoSuchEntity"];

export interface RoleReader {
  /** `undefined` when there is no such role. @throws UnreadableError */
  role(arn: string): Promise<SeenRole | undefined>;
  /** IAM's own verdict on what a role may do, organization policies included. @throws UnreadableError */
  decisions(arn: string, grants: readonly Grant[]): Promise<readonly Decision[] | undefined>;
}

export function roleReader(reading: Reading): RoleReader {
  const client = new IAMClient(clientFor(reading));
  const decide = (arn: string, { actions, resources, conditions }: Grant) =>
    readIfThere(reading, "iam:SimulatePrincipalPolicy", notThere, () =>
      allPages("iam:SimulatePrincipalPolicy", maxPages, async (Marker) => {
        const { EvaluationResults = [], Marker: next } = await client.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: arn,
            ActionNames: [...actions],
            ResourceArns: [...resources],
            // What our own requests say: without it IAM takes the keys for missing, and a condition for one that does not hold.
            ContextEntries: conditions?.map(({ operator, key, values }) => ({
              ContextKeyName: key,
              ContextKeyValues: [...values],
              ContextKeyType: operator === "StringEquals" ? "string" : "stringList",
            })),
            Marker,
          }),
        );
        return { items: EvaluationResults.flatMap(decisionsIn), next };
      }),
    );
  return {
    role: (arn) =>
      readIfThere(reading, "iam:GetRole", notThere, async () => {
        const { Role } = await client.send(new GetRoleCommand({ RoleName: arn.split("/").at(-1) }));
        return {
          trustPolicy: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""),
          tags: Object.fromEntries((Role?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
        };
      }),
    async decisions(arn, grants) {
      const answers = await Promise.all(grants.map((grant) => decide(arn, grant)));
      return answers.some((answer) => answer === undefined)
        ? undefined
        : answers.flatMap((answer) => answer ?? []);
    },
  };
}

/**
 * One for each resource: an action's own decision is the most restrictive of them (IAM API reference, EvaluationResult), and would hide
 * that another duty's action is allowed on some. Results without them decide for all resources at once.
 */
function decisionsIn({
  EvalActionName: action,
  EvalDecision,
  ResourceSpecificResults = [],
}: EvaluationResult): readonly Decision[] {
  if (action === undefined) return [];
  const decided =
    ResourceSpecificResults.length === 0
      ? [EvalDecision]
      : ResourceSpecificResults.map(({ EvalResourceDecision }) => EvalResourceDecision);
  return decided.map((decision) => ({ action, isAllowed: decision === "allowed" }));
}

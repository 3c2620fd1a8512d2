import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { scriptedService } from "../scripted-service.ts";
import { roleReader } from "./role-reader.ts";

type Result = readonly [action: string, own: string, ...each: string[]];

/** IAM's answer to SimulatePrincipalPolicy: an action's own decision, and those for its resources. */
const answer = (...results: readonly Result[]) =>
  `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>` +
  `<EvaluationResults>${results.map(resultOf).join("")}</EvaluationResults><IsTruncated>false</IsTruncated>` +
  `</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`;

const resultOf = ([action, own, ...each]: Result) =>
  `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>*</EvalResourceName>` +
  `<EvalDecision>${own}</EvalDecision>` +
  `<ResourceSpecificResults>${each.map(specificOf).join("")}</ResourceSpecificResults></member>`;

const specificOf = (decision: string, index: number) =>
  `<member><EvalResourceName>arn:aws:iam::111122223333:role/${index}</EvalResourceName>` +
  `<EvalResourceDecision>${decision}</EvalResourceDecision></member>`;

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "TEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("an action that is allowed on one of its resources only is told so, whatever it comes to over all", async () => {
  const iam = await scriptedService({
    body: answer(
      ["iam:GetRole", "explicitDeny", "allowed", "explicitDeny"],
      ["sns:ListSubscriptions", "allowed"],
      ["events:DescribeRule", "implicitDeny"],
    ),
  });
  vi.stubEnv("AWS_ENDPOINT_URL", iam.url);
  try {
    const reader = roleReader({ who: "doctor", remedy: "" });
    const arn = "arn:aws:iam::111122223333:role/Audit";
    expect(await reader.decisions(arn, [{ actions: [], resources: [] }])).toEqual([
      { action: "iam:GetRole", isAllowed: true },
      { action: "iam:GetRole", isAllowed: false },
      { action: "sns:ListSubscriptions", isAllowed: true },
      { action: "events:DescribeRule", isAllowed: false },
    ]);
  } finally {
    await iam.close();
  }
});

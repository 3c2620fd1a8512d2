import * as z from "zod";
import { AwsError } from "./aws-error.ts";
import { accountOf } from "./configuration.ts";
import { parsed } from "./operation.ts";
import type { EventRule, SellerAccount } from "./seller-account.ts";
import type { Principal } from "./session.ts";

const defaultBus = z.literal("default").default("default");
const describeRuleRequest = z.object({ Name: z.string(), EventBusName: defaultBus });
const listTargetsRequest = z.object({ Rule: z.string(), EventBusName: defaultBus });

/** Which action an operation needs, by its `X-Amz-Target` (EventBridge API reference). */
const answers: Readonly<
  Partial<Record<string, (body: unknown, account: SellerAccount, accountId: string) => unknown>>
> = {
  "AWSEvents.DescribeRule": (body, account, accountId) => {
    const { Name } = parsed(describeRuleRequest, body);
    const { state: State, description: Description, pattern } = ruleNamed(Name, account);
    const Arn = `arn:aws:events:us-east-1:${accountId}:rule/${Name}`;
    return { Name, Arn, State, Description, EventPattern: JSON.stringify(pattern), EventBusName: "default" };
  },
  "AWSEvents.ListTargetsByRule": (body, account) => {
    const { Rule } = parsed(listTargetsRequest, body);
    const Targets = ruleNamed(Rule, account).targets.map(
      ({ id, arn, roleArn, deadLetterArn, inputPath }) => ({
        Id: id,
        Arn: arn,
        RoleArn: roleArn,
        InputPath: inputPath,
        ...(deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: deadLetterArn } }),
      }),
    );
    return { Targets };
  },
};

export const isRuleCall = (target: string): boolean => answers[target] !== undefined;

/** @throws AwsError when the principal may not ask, or there is no such rule */
export function answerRuleCall(
  target: string,
  body: unknown,
  principal: Principal,
  account: SellerAccount,
): unknown {
  const action = `events:${target.split(".").at(-1) ?? ""}`;
  if (!principal.actions.includes(action))
    throw new AwsError(
      "AccessDeniedException",
      `User: ${principal.arn} is not authorized to perform: ${action} because no identity-based policy allows the action`,
    );
  return answers[target]?.(body, account, accountOf(principal.arn));
}

function ruleNamed(name: string, { now: { eventRule } }: SellerAccount): EventRule {
  if (eventRule?.name === name) return eventRule;
  throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
}

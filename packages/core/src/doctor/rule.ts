import * as z from "zod";
import { fail, failIfAny, pass, type Verdict, warn } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

/** The rule on the seller account's default bus, as EventBridge shows it. */
export interface SeenRule {
  readonly isEnabled: boolean;
  /** JSON; `undefined` of a rule that only runs on a schedule. */
  readonly pattern: string | undefined;
  readonly description: string;
}

export interface SeenTarget {
  readonly arn: string;
  readonly roleArn: string | undefined;
  readonly deadLetterArn: string | undefined;
  /** Settings by which something else arrives than the event, e.g. `InputTransformer`. */
  readonly reshapedBy: readonly string[];
}

const marketplaceSource = "aws.agreement-marketplace";

const patternSchema = z.looseObject({ source: z.array(z.unknown()).default([]) });

/** Whether AWS Marketplace's events are picked up, all of them. */
export function judgeRule(rule: SeenRule | undefined, name: string, { deployKit }: Remedies): Verdict {
  if (rule === undefined)
    return fail(
      `The seller account's default bus in us-east-1 has no rule ${name}: subscriptions of new listings come and go unheard.`,
      deployKit,
    );
  const pattern = patternSchema.safeParse(jsonOf(rule.pattern));
  const { source = [], ...narrower } = pattern.data ?? {};
  return failIfAny(
    [
      ...(rule.isEnabled ? [] : [`the rule ${name} is disabled`]),
      ...(source.includes(marketplaceSource)
        ? []
        : [`its pattern does not name the source ${marketplaceSource}`]),
      ...Object.keys(narrower).map((key) => `its pattern also asks for ${key}, and so leaves events out`),
    ],
    rule.isEnabled
      ? deployKit
      : `As the seller: \`aws events enable-rule --region us-east-1 --name ${name}\`. ${deployKit}`,
    `The rule ${name} is enabled and takes all of ${marketplaceSource}.`,
  );
}

/** Whether the rule comes from the kit of this configuration, by the digest in its description. */
export function judgeRuleKit(rule: SeenRule | undefined, digest: string, { deployKit }: Remedies): Verdict {
  if (rule === undefined) return fail("There is no rule.", deployKit);
  return rule.description.includes(digest)
    ? pass(`Its description names the kit ${digest}.`)
    : warn(
        `Its description, "${rule.description}", does not name this configuration's kit, ${digest}.`,
        deployKit,
      );
}

export interface WantedTarget {
  readonly queueArn: string;
  /** EventBridge delivers into another account as this role; `undefined` within one account. */
  readonly roleArn: string | undefined;
}

/** Whether what the rule picks up gets to the intake queue, and is kept where it cannot. */
export function judgeTarget(
  targets: readonly SeenTarget[] | undefined,
  { queueArn, roleArn }: WantedTarget,
  { deployKit }: Remedies,
): Verdict {
  if (targets === undefined) return fail("There is no rule, so there is no target.", deployKit);
  const target = targets.find(({ arn }) => arn === queueArn);
  if (target === undefined)
    return fail(
      `The rule sends to ${targets.map(({ arn }) => arn).join(", ") || "nothing"}, not to ${queueArn}.`,
      deployKit,
    );
  return failIfAny(
    [
      ...(target.roleArn === roleArn
        ? []
        : [`the target is reached as ${target.roleArn ?? "no role"}, not as ${roleArn ?? "no role"}`]),
      ...target.reshapedBy.map((setting) => `the target has ${setting}, so that what arrives is no event`),
      ...(target.deadLetterArn === undefined
        ? [
            "the target has no dead-letter queue: after a day what could not be delivered is lost without a trace",
          ]
        : []),
    ],
    deployKit,
    `It sends to ${queueArn}.`,
  );
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

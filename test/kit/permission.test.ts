import { sellerKit } from "@tollhouse/aws/seller/kit";
import { functions } from "@tollhouse/functions/manifest";
import { describe, expect, it } from "vitest";
import { synth } from "../infra/synth/synth.ts";
import { asPrincipal, deployedKit, intakePolicy, type Role, stackRoles } from "./deployed.ts";
import { stage, twoAccounts } from "./example.ts";
import { evaluate, type Principal } from "./iam/evaluate.ts";
import {
  allowedTo,
  production,
  seller,
  dutyRoles,
  everything,
  externalIds,
  takeOn,
  triedRequests,
  triedResources,
} from "./trial.ts";

/*
 * Both sides together: what the stack's function roles may do, and whom the kit's roles let in. The verdicts are those of
 * test/kit/iam, which follows IAM's documented logic; IAM's own could not be had without an account.
 */
const stranger = "999900001111";

const synthesis = await synth(stage);
const ours = stackRoles(synthesis, production);
const { roles, rules, queuePolicies } = deployedKit(sellerKit(twoAccounts, stage).template, seller);

const roleNamed = (name: string): Role => {
  const found = roles.find((role) => role.name === name);
  if (found === undefined) throw new Error(`the kit has no role ${name}`);
  return found;
};
const ourRole = (name: string): Role => {
  const found = ours.get(`tollhouse-production-${name}`);
  if (found === undefined) throw new Error(`the stack has no role of the function ${name}`);
  return found;
};

/** Written out by hand: who acts for the seller in what. */
const dutiesOf: Readonly<Record<string, readonly string[]>> = {
  registration: ["TollhouseRegistration"],
  meter: ["TollhouseMetering"],
  entitlement: ["TollhouseLifecycle"],
  reconciliation: ["TollhouseLifecycle"],
  doctor: ["TollhouseAudit"],
};
const everyPair = Object.keys(functions).flatMap((name) => dutyRoles.map((role) => ({ name, role })));

describe("taking on a seller's role", () => {
  const table = everyPair.flatMap(({ name, role }) =>
    externalIds.map(([which, externalId]) => ({
      name,
      role,
      which,
      externalId,
      verdict: which === "the right" && dutiesOf[name]?.includes(role) === true ? "allowed" : "denied",
    })),
  );

  it.each(table)(
    "$name as $role with $which external id is $verdict",
    ({ name, role, externalId, verdict }) => {
      expect(takeOn(asPrincipal(ourRole(name)), roleNamed(role), externalId)).toBe(verdict);
    },
  );

  it("is possible for somebody, for each role", () => {
    expect(new Set(Object.values(dutiesOf).flat())).toEqual(new Set(dutyRoles));
    expect(table.filter(({ verdict }) => verdict === "allowed")).toHaveLength(5);
  });

  /** Whatever the stack's permissions say, the trust policies alone keep everybody else out. */
  const powerful = (arn: string, accountId: string, kind: "role" | "root" = "role"): Principal => ({
    kind,
    accountId,
    arn,
    policies: [everything],
  });

  it.each(everyPair)(
    "$name as $role is decided by the trust policy alone when it may do everything",
    ({ name, role }) => {
      const principal = powerful(ourRole(name).arn, production);
      const verdict = dutiesOf[name]?.includes(role) === true ? "allowed" : "denied";
      expect(takeOn(principal, roleNamed(role), "example-only-replace-me")).toBe(verdict);
    },
  );

  it.each([
    ["production's root", powerful(`arn:aws:iam::${production}:root`, production, "root")],
    ["another role of production", powerful(`arn:aws:iam::${production}:role/administrator`, production)],
    [
      "a role whose name goes on",
      powerful(`arn:aws:iam::${production}:role/tollhouse-production-meter2`, production),
    ],
    [
      "another stage's function",
      powerful(`arn:aws:iam::${production}:role/tollhouse-jane-meter`, production),
    ],
    [
      "a role of the same name below a path",
      powerful(`arn:aws:iam::${production}:role/x/tollhouse-production-meter`, production),
    ],
    [
      "another account's role of the same name",
      powerful(`arn:aws:iam::${stranger}:role/tollhouse-production-meter`, stranger),
    ],
    ["another account's root", powerful(`arn:aws:iam::${stranger}:root`, stranger, "root")],
    ["the seller's own root", powerful(`arn:aws:iam::${seller}:root`, seller, "root")],
    [
      "a role of the seller's of the same name",
      powerful(`arn:aws:iam::${seller}:role/tollhouse-production-meter`, seller),
    ],
    ["a service", { kind: "service", name: "lambda.amazonaws.com" } as const],
  ])("is refused to %s, whatever it may do and knows", (_, principal) => {
    for (const role of dutyRoles)
      expect(takeOn(principal, roleNamed(role), "example-only-replace-me"), role).toBe("denied");
  });
});

describe("what a seller's role may do", () => {
  const all = "*";
  const kitsRole = (name: string) => `arn:aws:iam::${seller}:role/${name}`;
  const rule = `arn:aws:events:us-east-1:${seller}:rule/tollhouse-production-marketplace`;

  /** Written out by hand. */
  const allowed: Readonly<Record<string, readonly (readonly [action: string, resource: string])[]>> = {
    TollhouseRegistration: [["aws-marketplace:ResolveCustomer", all]],
    TollhouseMetering: [["aws-marketplace:BatchMeterUsage", all]],
    TollhouseLifecycle: [
      ["aws-marketplace:GetEntitlements", all],
      ["aws-marketplace:SearchAgreements of offered purchases", all],
    ],
    TollhouseAudit: [
      ["aws-marketplace:GetEntitlements", all],
      ["aws-marketplace:SearchAgreements of offered purchases", all],
      ...dutyRoles.flatMap((name) => [
        ["iam:GetRole", kitsRole(name)] as const,
        ["iam:SimulatePrincipalPolicy", kitsRole(name)] as const,
      ]),
      ["events:DescribeRule", rule],
      ["events:ListTargetsByRule", rule],
      ["sns:ListSubscriptions", all],
    ],
    "tollhouse-production-marketplace": [
      ["sqs:SendMessage", `arn:aws:sqs:us-east-1:${production}:tollhouse-production-Intake`],
    ],
  };

  it.each(Object.keys(allowed))("%s may do exactly what its duty needs", (name) => {
    const { arn, policies } = roleNamed(name);
    const may = allowedTo({ arn, policies, accountId: seller }).map(
      ({ action, resource }) => `${action} on ${resource}`,
    );
    const wanted = (allowed[name] ?? []).flatMap(([action, resource]) =>
      // What AWS lets nobody narrow down is allowed on everything.
      (resource === all ? triedResources : [resource]).map((each) => `${action} on ${each}`),
    );
    expect(may.toSorted()).toEqual(wanted.toSorted());
  });

  it("is said of every role of the kit", () => {
    expect(roles.map(({ name }) => name).toSorted()).toEqual(Object.keys(allowed).toSorted());
  });

  it.each(Object.keys(functions))("%s may do none of it by its own role", (name) => {
    const principal = asPrincipal(ourRole(name));
    const asked = triedRequests.filter(({ action }) => action.startsWith("aws-marketplace:"));
    expect(asked.length).toBeGreaterThan(0);
    for (const request of asked)
      expect(
        evaluate({ principal, ...request, resource: all, resourceAccountId: production }),
        request.name,
      ).toBe("denied");
  });
});

describe("filling production's intake queue", () => {
  const intake = `arn:aws:sqs:us-east-1:${production}:tollhouse-production-Intake`;
  const fill = (principal: Principal, context: Readonly<Record<string, string>> = {}, resource = intake) =>
    evaluate({
      principal,
      action: "sqs:SendMessage",
      resource,
      resourceAccountId: production,
      resourcePolicy: intakePolicy(synthesis),
      context,
    });
  const delivery = roleNamed("tollhouse-production-marketplace");

  it("is allowed to the rule's role, into this queue and no other", () => {
    expect(fill(asPrincipal(delivery))).toBe("allowed");
    expect(fill(asPrincipal(delivery), {}, intake.replace("Intake", "Usage"))).toBe("denied");
  });

  it.each(dutyRoles)("is refused to %s", (name) => {
    expect(fill(asPrincipal(roleNamed(name)))).toBe("denied");
    expect(fill({ kind: "role", accountId: seller, arn: roleNamed(name).arn, policies: [everything] })).toBe(
      "denied",
    );
  });

  it("is refused to the seller's root, and to a role of the same name of another account", () => {
    const root: Principal = {
      kind: "root",
      accountId: seller,
      arn: `arn:aws:iam::${seller}:root`,
      policies: [everything],
    };
    expect(fill(root)).toBe("denied");
    expect(
      fill({ ...root, kind: "role", accountId: stranger, arn: delivery.arn.replace(seller, stranger) }),
    ).toBe("denied");
  });

  it("is allowed to SNS for AWS's topic of a listing, and for no other", () => {
    const sns: Principal = { kind: "service", name: "sns.amazonaws.com" };
    const topic =
      "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123examplemailer0000000";
    expect(fill(sns, { "aws:SourceArn": topic })).toBe("allowed");
    expect(fill(sns, { "aws:SourceArn": topic.replace("287250355862", stranger) })).toBe("denied");
    expect(fill(sns, { "aws:SourceArn": `${topic}2` })).toBe("denied");
    expect(fill(sns)).toBe("denied");
  });

  it("is refused to EventBridge itself, since only a role reaches another account", () => {
    const events: Principal = { kind: "service", name: "events.amazonaws.com" };
    expect(
      fill(events, { "aws:SourceArn": `arn:aws:events:us-east-1:${seller}:rule/${delivery.name}` }),
    ).toBe("denied");
  });

  describe("as the rule's role", () => {
    const [rule] = rules;
    const ruleArn = `arn:aws:events:us-east-1:${seller}:rule/${rule?.Name ?? ""}`;
    const takeOnRule = (principal: Principal, context: Readonly<Record<string, string>>) =>
      evaluate({
        principal,
        action: "sts:AssumeRole",
        resource: delivery.arn,
        resourceAccountId: seller,
        resourcePolicy: delivery.trust,
        context,
      });
    const events: Principal = { kind: "service", name: "events.amazonaws.com" };
    const right = { "aws:SourceAccount": seller, "aws:SourceArn": ruleArn };

    it("is for EventBridge, and for this rule alone", () => {
      expect(takeOnRule(events, right)).toBe("allowed");
      expect(takeOnRule(events, { ...right, "aws:SourceArn": `${ruleArn}2` })).toBe("denied");
      expect(takeOnRule(events, { ...right, "aws:SourceAccount": stranger })).toBe("denied");
      expect(takeOnRule(events, {})).toBe("denied");
      expect(takeOnRule({ kind: "service", name: "scheduler.amazonaws.com" }, right)).toBe("denied");
    });

    it("is for no function of ours", () => {
      for (const role of ours.values())
        expect(
          takeOnRule({ kind: "role", accountId: production, arn: role.arn, policies: [everything] }, right),
          role.name,
        ).toBe("denied");
    });
  });
});

describe("the kit's dead-letter queue", () => {
  const queue = `arn:aws:sqs:us-east-1:${seller}:tollhouse-production-MarketplaceDeadLetter`;
  const ruleArn = `arn:aws:events:us-east-1:${seller}:rule/tollhouse-production-marketplace`;
  const send = (name: string, sourceArn: string) => {
    const resourcePolicy = queuePolicies.get(queue);
    return evaluate({
      principal: { kind: "service", name },
      action: "sqs:SendMessage",
      resource: queue,
      resourceAccountId: seller,
      ...(resourcePolicy !== undefined && { resourcePolicy }),
      context: { "aws:SourceArn": sourceArn },
    });
  };

  it("takes what the kit's rule could not deliver, and nothing else", () => {
    expect(send("events.amazonaws.com", ruleArn)).toBe("allowed");
    expect(send("events.amazonaws.com", `${ruleArn}2`)).toBe("denied");
    expect(send("events.amazonaws.com", ruleArn.replace(seller, stranger))).toBe("denied");
    expect(send("sns.amazonaws.com", ruleArn)).toBe("denied");
  });
});

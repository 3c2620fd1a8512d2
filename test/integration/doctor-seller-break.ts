import type { Break } from "./doctor-break.ts";
import type { Account, DoctorWorld } from "./doctor-world.ts";

const stranger = "arn:aws:iam::999900001111:role/stranger";
const topic = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123examplemailer0000000";
const kit = /npm start/;

/** Changes one role of the seller's. */
const role = (name: string, change: (role: Account["roles"][number]) => object | undefined) => ({
  break: async ({ account, changeAccount }: DoctorWorld) => {
    const { roles } = await account();
    await changeAccount({
      roles: roles.flatMap((each) => (each.arn.endsWith(`/${name}`) ? (change(each) ?? []) : [each])),
    });
  },
  mend: ({ restoreAccount }: DoctorWorld) => restoreAccount(),
});

/** Changes whatever else the account has. */
const account = (change: (account: Account) => object) => ({
  break: async (world: DoctorWorld) => world.changeAccount(change(await world.account())),
  mend: ({ restoreAccount }: DoctorWorld) => restoreAccount(),
});

const without = (object: Readonly<Record<string, unknown>>, key: string) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** What can be wrong in the seller's account, at AWS Marketplace and with who we are. */
export const sellerBreaks: readonly Break[] = [
  {
    name: "this runs in another account",
    ...account(() => ({ callersAccountId: "999900001111" })),
    found: {
      "account.production": ["fail", /account 999900001111.*is 444455556666/, /production\.accountId/],
    },
  },
  {
    name: "the clock is two minutes off",
    ...account(() => ({ aheadSeconds: 120 })),
    found: { "clock.aws": ["warn", /1(19|20|21) s behind/, /NTP/] },
  },
  {
    name: "the clock is five minutes off",
    ...account(() => ({ aheadSeconds: -300 })),
    found: { "clock.aws": ["fail", /(299|300|301) s ahead.*refuses every signature/, /NTP/] },
  },
  {
    name: "the audit role wants another external id",
    ...role("TollhouseAudit", (audit) => ({ ...audit, externalId: "rotated-on-one-side-only" })),
    found: {
      "roles.audit.session": ["fail", /did not let .*tollhouse-local-doctor assume .*TollhouseAudit/, kit],
    },
    hides:
      /^(roles\.(?!audit\.(session|external-id))|notifications\.|marketplace\.(entitlements|agreements))/,
  },
  {
    name: "the audit role asks for no external id",
    ...role("TollhouseAudit", (audit) => without(audit, "externalId")),
    found: {
      "roles.audit.external-id": ["fail", /without the external id; .*a wrong external id/, kit],
      "roles.audit.trust": ["fail", /does not demand the configured external id/, kit],
    },
  },
  {
    name: "a role is gone",
    ...role("TollhouseMetering", () => undefined),
    found: {
      "roles.metering.trust": ["fail", /role\/TollhouseMetering does not exist/, kit],
      "roles.metering.actions": ["fail", /role\/TollhouseMetering does not exist/, kit],
      "roles.metering.kit": ["fail", /does not exist/, kit],
    },
  },
  {
    name: "a role trusts a stranger as well",
    ...role("TollhouseMetering", (metering) => ({ ...metering, trusts: [...metering.trusts, stranger] })),
    found: { "roles.metering.trust": ["fail", /also trusts arn:aws:iam::999900001111:root/, kit] },
  },
  {
    name: "a role trusts anybody",
    ...role("TollhouseRegistration", (registration) => ({ ...registration, trusts: ["*"] })),
    found: {
      "roles.registration.trust": [
        "fail",
        /does not trust .*tollhouse-local-registration; it also trusts anybody/,
        kit,
      ],
    },
  },
  {
    name: "a role trusts another of our functions as well",
    ...role("TollhouseRegistration", (registration) => ({
      ...registration,
      trusts: [...registration.trusts, "arn:aws:iam::444455556666:role/tollhouse-local-meter"],
    })),
    found: { "roles.registration.trust": ["fail", /^It also trusts .*role\/tollhouse-local-meter\.$/, kit] },
  },
  {
    name: "a role trusts one of its two functions only",
    ...role("TollhouseLifecycle", (lifecycle) => ({ ...lifecycle, trusts: lifecycle.trusts.slice(0, 1) })),
    found: {
      "roles.lifecycle.trust": ["fail", /^It does not trust .*tollhouse-local-reconciliation\.$/, kit],
    },
  },
  {
    name: "a role that doctor may not assume asks for no external id",
    ...role("TollhouseMetering", (metering) => without(metering, "externalId")),
    found: { "roles.metering.trust": ["fail", /^It does not demand the configured external id\.$/, kit] },
  },
  {
    name: "a role lacks its action",
    ...role("TollhouseMetering", (metering) => ({ ...metering, actions: [] })),
    found: { "roles.metering.actions": ["fail", /^It may not aws-marketplace:BatchMeterUsage\.$/, kit] },
  },
  {
    name: "a role may search agreements as a buyer only",
    ...role("TollhouseLifecycle", (lifecycle) => ({
      ...lifecycle,
      conditions: {
        "aws-marketplace:SearchAgreements": [
          { operator: "StringEquals", key: "aws-marketplace:PartyType", values: ["Acceptor"] },
        ],
      },
    })),
    found: { "roles.lifecycle.actions": ["fail", /^It may not aws-marketplace:SearchAgreements\.$/, kit] },
  },
  {
    name: "a role may do what is another's duty",
    ...role("TollhouseLifecycle", (lifecycle) => ({
      ...lifecycle,
      actions: [...lifecycle.actions, "aws-marketplace:BatchMeterUsage"],
    })),
    found: { "roles.lifecycle.actions": ["fail", /^It may also aws-marketplace:BatchMeterUsage/, kit] },
  },
  {
    name: "a role comes from an older kit",
    ...role("TollhouseRegistration", (registration) => ({
      ...registration,
      tags: { "tollhouse:kit-digest": "0000000000000000" },
    })),
    found: {
      "roles.registration.kit": ["warn", /is 0000000000000000, this configuration's kit has \w{16}/, kit],
    },
  },
  {
    name: "the audit role may not look at roles",
    ...role("TollhouseAudit", (audit) => ({
      ...audit,
      actions: audit.actions.filter((action) => action !== "iam:GetRole"),
    })),
    found: { "roles.audit.actions": ["fail", /^It may not iam:GetRole\.$/, kit] },
    hides: /^roles\.\w+\.(trust|kit)$/,
  },
  {
    name: "a topic's subscription waits for its confirmation",
    ...account(({ topicSubscriptions }) => ({
      topicSubscriptions: topicSubscriptions.map((each) => ({ ...each, confirmed: false })),
    })),
    found: {
      "notifications.subscription.n0123examplemailer0000000": [
        "fail",
        /waits for its confirmation/,
        new RegExp(
          `aws sns subscribe .*${topic} --protocol sqs --notification-endpoint arn:aws:sqs:.*-Intake`,
        ),
      ],
    },
  },
  {
    name: "a topic's subscription was deleted",
    ...account(({ topicSubscriptions }) => ({
      topicSubscriptions: topicSubscriptions.map((each) => ({ ...each, deleted: true })),
    })),
    found: {
      "notifications.subscription.n0123examplemailer0000000": [
        "fail",
        /Intake was deleted, within the last three days/,
        /aws sns subscribe/,
      ],
    },
  },
  {
    name: "a topic has no subscription",
    ...account(() => ({ topicSubscriptions: [] })),
    found: {
      "notifications.subscription.n0123examplemailer0000000": [
        "fail",
        /Nothing of ours is subscribed/,
        /aws sns subscribe/,
      ],
    },
  },
  {
    name: "somebody else hears of the buyers, and is named on the second page",
    ...account(({ topicSubscriptions }) => ({
      topicSubscriptions: [
        ...topicSubscriptions,
        ...Array.from({ length: 100 }, (_, index) => ({
          topicArn: `arn:aws:sns:us-east-1:111122223333:own-${index}`,
          protocol: "email",
          endpoint: "somebody@example.com",
        })),
        { topicArn: topic, protocol: "https", endpoint: "https://example.com/hook" },
      ],
    })),
    found: {
      "notifications.listeners": [
        "warn",
        /^https https:\/\/example\.com\/hook hears /,
        /aws sns unsubscribe/,
      ],
    },
  },
  {
    name: "the rule is off",
    ...account(({ eventRule }) => ({ eventRule: { ...eventRule, state: "DISABLED" } })),
    found: {
      "notifications.rule": ["fail", /tollhouse-local-marketplace is disabled/, /aws events enable-rule/],
    },
  },
  {
    name: "the rule is gone",
    ...account(() => ({ eventRule: null })),
    found: {
      "notifications.rule": ["fail", /has no rule tollhouse-local-marketplace/, kit],
      "notifications.target": ["fail", /no rule/, kit],
      "notifications.kit": ["fail", /no rule/, kit],
    },
  },
  {
    name: "the rule listens to somebody else",
    ...account(({ eventRule }) => ({
      eventRule: { ...eventRule, pattern: { source: ["aws.marketplace"] } },
    })),
    found: { "notifications.rule": ["fail", /does not name the source aws\.agreement-marketplace/, kit] },
  },
  {
    name: "the rule takes some events only",
    ...account(({ eventRule }) => ({
      eventRule: {
        ...eventRule,
        pattern: { source: ["aws.agreement-marketplace"], "detail-type": ["License Updated - Manufacturer"] },
      },
    })),
    found: { "notifications.rule": ["fail", /also asks for detail-type, and so leaves events out/, kit] },
  },
  {
    name: "the rule sends elsewhere",
    ...account(({ eventRule }) => ({
      eventRule: {
        ...eventRule,
        targets: eventRule.targets.map((each) => ({ ...each, arn: `${each.arn}-of-before` })),
      },
    })),
    found: { "notifications.target": ["fail", /sends to .*Intake-of-before, not to .*-Intake\.$/, kit] },
  },
  {
    name: "the rule has no dead-letter queue",
    ...account(({ eventRule }) => ({
      eventRule: { ...eventRule, targets: eventRule.targets.map((each) => without(each, "deadLetterArn")) },
    })),
    found: { "notifications.target": ["fail", /^The target has no dead-letter queue/, kit] },
  },
  {
    name: "the rule sends on a part of each event only",
    ...account(({ eventRule }) => ({
      eventRule: {
        ...eventRule,
        targets: eventRule.targets.map((each) => ({ ...each, inputPath: "$.detail" })),
      },
    })),
    found: { "notifications.target": ["fail", /^The target has InputPath, so that what arrives is/, kit] },
  },
  {
    name: "the rule delivers into another account as itself",
    ...account(({ eventRule }) => ({
      eventRule: { ...eventRule, targets: eventRule.targets.map((each) => without(each, "roleArn")) },
    })),
    found: {
      "notifications.target": ["fail", /^The target is reached as no role, not as .*-marketplace\.$/, kit],
    },
  },
  {
    name: "the rule comes from an older kit",
    ...account(({ eventRule }) => ({ eventRule: { ...eventRule, description: "made by hand" } })),
    found: { "notifications.kit": ["warn", /^Its description, "made by hand",/, kit] },
  },
  {
    name: "AWS Marketplace does not know a product code",
    ...account(() => ({ withdrawnProductCodes: ["c0456exampleanalytics0000"] })),
    found: {
      "marketplace.entitlements.c0456exampleanalytics0000": [
        "fail",
        /does not know the product code c0456exampleanalytics0000/,
        /Correct `code` of "Example Analytics"/,
      ],
    },
  },
  {
    name: "AWS Marketplace lets nobody read agreements",
    break: ({ letFail }) => letFail("SearchAgreements", "deny"),
    mend: ({ forgetFaults }) => forgetFaults(),
    found: {
      "marketplace.agreements.prod-exampleanalytics": ["fail", /lacks aws-marketplace:SearchAgreements/, kit],
      "marketplace.agreements.prod-examplevault": ["fail", /lacks aws-marketplace:SearchAgreements/, kit],
    },
  },
  {
    name: "SNS is out of order",
    break: ({ letFail }) => letFail("ListSubscriptions", "fail"),
    mend: ({ forgetFaults }) => forgetFaults(),
    found: {
      "notifications.subscription.n0123examplemailer0000000": [
        "unknown",
        /^sns:ListSubscriptions failed \(InternalFailure\)/,
        /Run doctor again/,
      ],
      "notifications.listeners": ["unknown", /^sns:ListSubscriptions failed/, /Run doctor again/],
    },
  },
];

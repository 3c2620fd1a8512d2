import * as z from "zod";
import { condition } from "./condition.ts";

const arn = z.string().regex(/^arn:aws:(iam|sts)::\d{12}:.+$/, "is no ARN of a role or user");
const resourceArn = z.string().regex(/^arn:aws:[a-z]+:[a-z0-9-]*:\d{12}:.+$/, "is no ARN");

export const action = z
  .string()
  .regex(
    /^(aws-marketplace|events|iam|sns):[A-Za-z]+$/,
    "is no action that a seller's role needs, e.g. aws-marketplace:BatchMeterUsage",
  );
export const principalArn = arn;

const role = z.strictObject({
  arn,
  /** Not demanded when left out. */
  externalId: z.string().optional(),
  /** Roles and users, or `*` for anybody. */
  trusts: z.array(z.union([z.literal("*"), arn])),
  /** On every resource. */
  actions: z.array(action),
  /** By action; IAM's simulation judges by them, calls themselves are not tried against them. */
  conditions: z.record(z.string(), z.array(condition)).optional(),
  tags: z.record(z.string(), z.string()).default({}),
});

/** The rule on the default bus that passes AWS Marketplace's events on. */
const eventRule = z.strictObject({
  name: z.string(),
  description: z.string().default(""),
  state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  pattern: z.record(z.string(), z.array(z.unknown())),
  targets: z.array(
    z.strictObject({
      id: z.string(),
      arn: resourceArn,
      roleArn: arn.optional(),
      deadLetterArn: resourceArn.optional(),
      /** As it is listed; what is delivered here stays whole. */
      inputPath: z.string().optional(),
    }),
  ),
});

const topicSubscription = z.strictObject({
  topicArn: resourceArn,
  protocol: z.enum(["sqs", "https", "http", "email", "lambda"]),
  endpoint: z.string(),
  confirmed: z.boolean().default(true),
  /** It has ended, and is listed for a while still. */
  deleted: z.boolean().default(false),
});

/** What the seller has set up in the account that owns the listings. */
export const sellerAccountParts = {
  roles: z.array(role).default([]),
  /** `null`: there is none. Left out, events go to the queue without one. */
  eventRule: eventRule.nullable().optional(),
  /** To AWS's topics. Left out, messages go to the queue without one. */
  topicSubscriptions: z.array(topicSubscription).optional(),
};

/** The same while the simulator runs, with what else may be wrong about an installation. Parts that are left out stay. */
export const sellerAccountChange = z.strictObject({
  roles: z.array(role).optional(),
  eventRule: sellerAccountParts.eventRule,
  topicSubscriptions: sellerAccountParts.topicSubscriptions,
  /** Listings that AWS Marketplace does not know as this seller's. */
  withdrawnProductCodes: z.array(z.string()).optional(),
  /** Buses of the configuration that are as good as deleted. */
  goneBuses: z.array(z.string()).optional(),
  /** The account that STS says its callers belong to. */
  callersAccountId: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  /** How far AWS's clock is ahead of this machine's, as the Date of its answers shows it. */
  aheadSeconds: z.number().min(-900).max(900).optional(),
});

export type AccountParts = z.output<z.ZodObject<typeof sellerAccountParts>> &
  Omit<z.output<typeof sellerAccountChange>, keyof typeof sellerAccountParts>;
export type Role = AccountParts["roles"][number];
export type EventRule = NonNullable<AccountParts["eventRule"]>;

/** The seller's account as it is now. What is changed while the simulator runs is not kept. */
export class SellerAccount {
  readonly #configured: AccountParts;
  #now: AccountParts;

  constructor({ roles, eventRule, topicSubscriptions }: AccountParts) {
    this.#configured = { roles, eventRule, topicSubscriptions };
    this.#now = this.#configured;
  }

  get now(): AccountParts {
    return this.#now;
  }

  change(change: z.output<typeof sellerAccountChange>): void {
    this.#now = { ...this.#now, ...(change as Partial<AccountParts>) };
  }

  restore(): void {
    this.#now = this.#configured;
  }

  /** Of production's buses, those that are there. */
  present<Bus extends { readonly name: string }>(buses: readonly Bus[]): readonly Bus[] {
    return buses.filter(({ name }) => this.#now.goneBuses?.includes(name) !== true);
  }

  role(roleArn: string): Role | undefined {
    return this.#now.roles.find((each) => each.arn === roleArn);
  }

  /** Whether an event reaches the queue: by an enabled rule with a target, where there is to be a rule. */
  passesEvents(): boolean {
    const { eventRule: rule } = this.#now;
    return rule === undefined || (rule?.state === "ENABLED" && rule.targets.length > 0);
  }

  /** Whether a topic's messages reach the queue. */
  passesTopic(topicArn: string): boolean {
    const { topicSubscriptions: all } = this.#now;
    return (
      all === undefined ||
      all.some(
        (each) => each.topicArn === topicArn && each.protocol === "sqs" && each.confirmed && !each.deleted,
      )
    );
  }
}

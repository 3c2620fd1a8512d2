import * as z from "zod";
import { parseHour, type UtcHour } from "../time/utc-hour.ts";

const accountId = z
  .string()
  .regex(/^\d{12}$/, "is no AWS account id: write its 12 digits as a string, without dashes");
const roleName = z
  .string()
  .regex(
    /^[\w+=,.@-]{1,64}$/,
    "is no IAM role name: use up to 64 letters, digits or + = , . @ _ -, and no path or ARN",
  );
const text = z.string().trim().min(1, "is empty: fill it in");
const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, error).max(most, error);
};
const webAddress = z.url({ protocol: /^https?$/, error: "is no web address: start it with https://" });

const hour = z
  .string()
  .refine((value) => parseHour(value) !== undefined, "is no UTC hour: write it like 2026-08-20T14")
  .transform((value) => parseHour(value) ?? (0 as UtcHour));

const dimension = z.strictObject({
  /** The dimension's API identifier at AWS Marketplace; case matters and it never changes. */
  key: z
    .string()
    .regex(
      /^\S{1,255}$/,
      "is no dimension: copy the API identifier from the listing (1 to 255 characters, no blanks)",
    ),
  /** `metered`: usage is reported with BatchMeterUsage. `entitled`: bought up front and read with GetEntitlements. */
  kind: z.enum(["metered", "entitled"], { error: 'is neither "metered" nor "entitled"' }),
  title: text.optional(),
  /**
   * Of a metered dimension of a contract with consumption: the entitled dimension whose quantity covers its usage, used up first
   * and anew in each term. Only what goes beyond is metered. Left out, all that is reported is metered.
   */
  includedIn: text.optional(),
});

const plan = z.strictObject({
  /** The entitled dimension whose purchase gives this plan. */
  dimension: text,
  title: text,
  features: z.array(text).default([]),
});

const product = z
  .strictObject({
    code: z
      .string()
      .regex(/^[-a-zA-Z0-9/=:_.@]{1,255}$/, "is no product code: copy it from the product's page")
      .refine((code) => !code.startsWith("prod-"), {
        error:
          "is a product id, not a product code: use the product code of about 25 characters from the same page",
      }),
    title: text,
    /**
     * Which integration the listing has: `sns` (listed before June 2026: SNS topics, CustomerIdentifier, product code) or
     * `eventbridge` (EventBridge, LicenseArn). `migrating`: an old listing that was opted in to Concurrent Agreements; it has
     * both, SNS decides before `migratesFromHour` and EventBridge from it on, and subscriptions keep their ids. It decides how a
     * subscription is keyed, whatever a message carries.
     */
    generation: z.enum(["sns", "eventbridge", "migrating"], {
      error: 'is none of "sns", "eventbridge", "migrating"',
    }),
    /** UTC hour from which EventBridge decides. Keep it when the migration is over: what came before was told by SNS. */
    migratesFromHour: hour.optional(),
    /** The `prod-…` id beside the product code. With it, agreements can be read back from AWS when a notification was lost. */
    id: z
      .string()
      .regex(
        /^prod-[a-z0-9]{5,60}$/,
        "is no product id: copy the id that begins with prod- from the product's page",
      )
      .optional(),
    pricing: z.enum(["subscription", "contract", "contract-with-consumption"], {
      error: 'is none of "subscription", "contract", "contract-with-consumption"',
    }),
    dimensions: z.array(dimension).min(1, "is empty: name every dimension of the listing"),
    /**
     * `live`, or `dry-run`: everything is counted and nothing is sealed or sent; `tollhouse ledger rehearsal` shows what would be.
     * Going live after it takes a `startAt` behind the last hour that was rehearsed.
     */
    metering: z.enum(["live", "dry-run"], { error: 'is neither "live" nor "dry-run"' }).default("live"),
    /** UTC hour from which Tollhouse meters the product; usage before it was metered elsewhere, or was rehearsal, and is not sent. */
    startAt: hour.optional(),
    /**
     * Of a listing in migration: the UTC hour from which records name the license; those of earlier hours name the product code.
     * Let AWS opt the listing in only when all of the earlier ones have an outcome.
     */
    metersByLicenseFrom: hour.optional(),
    plans: z.array(plan).default([]),
  })
  .superRefine((value, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (value.generation === "migrating" && value.migratesFromHour === undefined)
      complain(
        ["migratesFromHour"],
        "is missing: name the UTC hour from which EventBridge decides, e.g. 2026-12-01T00",
      );
    if (value.generation !== "migrating" && value.migratesFromHour !== undefined)
      complain(["migratesFromHour"], 'must be left out unless generation is "migrating"');
    if (value.generation !== "migrating" && value.metersByLicenseFrom !== undefined)
      complain(["metersByLicenseFrom"], 'must be left out unless generation is "migrating"');
    const seen = new Set<string>();
    const isEntitled = (name: string) =>
      value.dimensions.some(({ key, kind }) => key === name && kind === "entitled");
    value.dimensions.forEach(({ key, kind, includedIn }, index) => {
      if (includedIn !== undefined && (kind !== "metered" || value.pricing !== "contract-with-consumption"))
        complain(
          ["dimensions", index, "includedIn"],
          'is only for a "metered" dimension of a "contract-with-consumption": remove it',
        );
      else if (includedIn !== undefined && !isEntitled(includedIn))
        complain(
          ["dimensions", index, "includedIn"],
          `"${includedIn}" is no entitled dimension of this product`,
        );
      if (seen.has(key)) complain(["dimensions", index, "key"], `"${key}" is there twice: remove one`);
      seen.add(key);
      if (value.pricing === "subscription" && kind === "entitled") {
        complain(
          ["dimensions", index, "kind"],
          'is "entitled", but a subscription sells nothing up front: make it "metered"',
        );
      }
      if (value.pricing === "contract" && kind === "metered") {
        complain(
          ["dimensions", index, "kind"],
          'is "metered", but a contract meters nothing: make it "entitled", or the pricing "contract-with-consumption"',
        );
      }
    });
    value.plans.forEach((entry, index) => {
      if (isEntitled(entry.dimension)) return;
      complain(
        ["plans", index, "dimension"],
        `"${entry.dimension}" is no entitled dimension of this product`,
      );
    });
  });

/** The most days that usage may be accepted for. It bounds how long all usage is kept, and so what it costs. */
export const maxAcceptUsageDays = 35;

const shardChange = z.strictObject({
  fromHour: hour,
  count: wholeNumber(1, 1024).refine((count) => Number.isInteger(Math.log2(count)), "must be a power of two"),
});

const settings = z.strictObject({
  /** Minutes an hour stays open for late usage after it has ended, before it is sealed. */
  settleDelayMinutes: wholeNumber(1, 360).default(10),
  /** UTC hour on the first of a month until which the month's last hour stays open for late usage. */
  monthEndSettleHour: wholeNumber(1, 20).default(3),
  /** Minutes that usage of a subscription's last hour may take to arrive before that hour is sealed, once for all. */
  finalSettleMinutes: wholeNumber(1, 35).default(15),
  /**
   * What becomes of whole units that come when the record of their hour is made. `carry-forward`: they go into the next hour without
   * one. `write-off`: nobody is billed for them.
   */
  lateUsage: z
    .enum(["carry-forward", "write-off"], { error: 'is neither "carry-forward" nor "write-off"' })
    .default("carry-forward"),
  /** Whether hours without usage get a record of 0, which shows buyers that metering works and locks the hour. */
  zeroRecords: z.boolean().default(false),
  /** Hours back that AWS Marketplace accepts usage for (BatchMeterUsage reference, autumn 2026: 24). */
  windowHours: wholeNumber(3, 24).default(24),
  /** UTC hour on the first of a month until which the previous month's usage is accepted (same source: 06:00). */
  monthEndCutoffHour: wholeNumber(2, 23).default(6),
  /** Minutes that a usage event's time may lie ahead of our clock. */
  futureToleranceMinutes: wholeNumber(0, 60).default(5),
  /** Days after its hour within which usage is still counted; all of it is kept ten days longer than the most there may be. */
  acceptUsageDays: wholeNumber(2, maxAcceptUsageDays).default(maxAcceptUsageDays),
  /** Hours before and after an event's own in which a copy of it, with another time, is known to be one. */
  dedupeHours: wholeNumber(0, 12).default(6),
  /** Parallel parts of an hour's usage log. Append a line to change it, at least two hours ahead; counts only double. */
  shards: z
    .array(shardChange)
    .min(1)
    .default([{ fromHour: 0 as UtcHour, count: 4 }])
    .superRefine((changes, context) => {
      changes.forEach((change, index) => {
        const before = changes[index - 1];
        if (before === undefined) return;
        if (change.fromHour <= before.fromHour)
          context.addIssue({
            code: "custom",
            path: [index, "fromHour"],
            message: "must be later than the line before: append changes in order",
          });
        if (change.count !== before.count * 2)
          context.addIssue({
            code: "custom",
            path: [index, "count"],
            message: `must be ${before.count * 2}: the count only ever doubles`,
          });
      });
    }),
});

/** After an hour has settled there must be an hour left to submit it, on any day and at a month's end. */
const distantShards = settings.superRefine(({ shards, dedupeHours }, context) => {
  shards.forEach(({ fromHour }, index) => {
    const before = shards[index - 1];
    const apart = before === undefined ? undefined : fromHour - before.fromHour;
    if (apart === undefined || apart <= 0 || apart >= 2 * dedupeHours) return;
    const message = `must be at least ${2 * dedupeHours} hours after the line before: repeats are looked for in ${dedupeHours} hours around`;
    context.addIssue({ code: "custom", path: ["shards", index, "fromHour"], message });
  });
});

const settleableSettings = distantShards.superRefine(
  ({ windowHours, monthEndCutoffHour, settleDelayMinutes }, context) => {
    const most = (Math.min(windowHours - 1, monthEndCutoffHour) - 1) * 60;
    if (settleDelayMinutes <= most) return;
    const message = `leaves less than an hour to submit what has settled: with these windows make it at most ${most}`;
    context.addIssue({ code: "custom", path: ["settleDelayMinutes"], message });
  },
);

/** Who sends usage from elsewhere, besides the roles of the production account. */
const usageSources = z.strictObject({
  /** SNS topics, subscribed to the usage queue with raw message delivery or without. */
  topicArns: z
    .array(
      z
        .string()
        .regex(
          /^arn:aws:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[\w-]{1,256}(\.fifo)?$/,
          "is no SNS topic's ARN: copy it from the topic, e.g. arn:aws:sns:us-east-1:444455556666:usage",
        ),
    )
    .default([]),
  /** Accounts whose administrators may let their roles send to the usage queue. */
  accountIds: z.array(accountId).default([]),
});

const duties = { registration: roleName, metering: roleName, lifecycle: roleName, audit: roleName };

const configurationSchema = z
  .strictObject({
    /** Short name of this installation; the stack's resources and role names begin with it. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,19}$/, "must be 2 to 20 small letters, digits or dashes, e.g. tollhouse"),
    seller: z.strictObject({
      /** The account that owns the listings. */
      accountId,
      /** How the production account acts for the seller account. Left out when both are the same account. */
      assumeRole: z
        .strictObject({
          externalId: z
            .string()
            .regex(
              /^[\w+=,.@:/-]{16,1224}$/,
              "must be at least 16 letters, digits or _ + = , . @ : / -; make one with `openssl rand -hex 16`",
            ),
          roles: z.strictObject(duties).default({
            registration: "TollhouseRegistration",
            metering: "TollhouseMetering",
            lifecycle: "TollhouseLifecycle",
            audit: "TollhouseAudit",
          }),
        })
        .optional(),
      /** The AWS account whose SNS topics announce subscriptions (seen in public configurations of many sellers). */
      topicAccountId: accountId.default("287250355862"),
    }),
    production: z.strictObject({ accountId }),
    /** Where usage is metered. Never change it for a live listing: AWS recognises repeats only within one Region. */
    meteringRegion: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is no AWS Region, e.g. us-east-1")
      .default("us-east-1"),
    products: z.array(product).min(1, "is empty: describe at least one listing"),
    registrationPage: z.strictObject({
      sellerName: text,
      supportContact: z.email({
        error: "is no e-mail address: AWS's review wants a support contact on the page",
      }),
      /** Where a registered buyer is sent. */
      continueUrl: webAddress,
    }),
    usageSources: usageSources.prefault({}),
    settings: settleableSettings.prefault({}),
  })
  .superRefine((value, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const sameAccount = value.seller.accountId === value.production.accountId;
    if (!sameAccount && value.seller.assumeRole === undefined) {
      complain(
        ["seller", "assumeRole"],
        "is missing: production runs in another account than the seller's, so name the roles' externalId",
      );
    }
    if (sameAccount && value.seller.assumeRole !== undefined) {
      complain(["seller", "assumeRole"], "must be left out: production runs in the seller's own account");
    }
    const seen = new Set<string>();
    value.products.forEach(({ code, id }, index) => {
      if (seen.has(code)) complain(["products", index, "code"], `"${code}" is there twice: remove one`);
      seen.add(code);
      if (id === undefined) return;
      if (seen.has(id))
        complain(["products", index, "id"], `"${id}" is there twice: each listing has its own`);
      seen.add(id);
    });
  });

export type Configuration = z.output<typeof configurationSchema>;
export type ConfigurationInput = z.input<typeof configurationSchema>;
export type Product = Configuration["products"][number];
export type Settings = Configuration["settings"];
/** What a seller role is for; each has exactly the actions of its duty. */
export type Duty = keyof NonNullable<Configuration["seller"]["assumeRole"]>["roles"];

/** `tollhouse.config.ts` is wrong; every problem names its field and what to do. */
export class ConfigurationError extends Error {
  readonly code = "configuration-invalid";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `tollhouse.config.ts has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

/** Checks the configuration and fills in defaults. @throws ConfigurationError naming each wrong field and its remedy. */
export function defineConfiguration(input: ConfigurationInput): Configuration {
  const parsed = configurationSchema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(parsed.error.issues.flatMap(describe));
}

function describe(issue: z.core.$ZodIssue): string[] {
  const field = (path: PropertyKey[]) =>
    path.reduce<string>(
      (all, key) =>
        typeof key === "number" ? `${all}[${key}]` : all === "" ? String(key) : `${all}.${String(key)}`,
      "",
    ) || "the configuration";
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${field([...issue.path, key])}: is no setting of Tollhouse: check the spelling or remove it`,
    );
  }
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
    const wanted = wordFor[issue.expected] ?? issue.expected;
    return [
      `${field(issue.path)}: ${issue.input === undefined ? "is missing: give it" : "must be"} ${wanted}`,
    ];
  }
  return [`${field(issue.path)}: ${issue.message}`];
}

const wordFor: Partial<Record<string, string>> = {
  string: "a text",
  array: "a list",
  object: "an object",
  number: "a number",
};

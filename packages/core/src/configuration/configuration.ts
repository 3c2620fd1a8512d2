import * as z from "zod";
import { accountId, roleName } from "./field.ts";
import { product } from "./product-schema.ts";
import { registrationPage } from "./registration-page.ts";
import { settleableSettings } from "./settings.ts";

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

/** Whom the installation turns to when something is wrong. */
const operations = z.strictObject({
  /** Told by e-mail of every alarm; AWS asks each address first whether it wants that. */
  alarmEmails: z
    .array(z.email({ error: "is no e-mail address: whoever is to hear the alarms, e.g. ops@example.com" }))
    .max(20, "names more than 20 addresses: give one that passes alarms on")
    .default([]),
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
    registrationPage,
    usageSources: usageSources.prefault({}),
    operations: operations.prefault({}),
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
export type RegistrationPage = Configuration["registrationPage"];
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

import * as z from "zod";
import { defaultConflicts } from "../rules/conflict.ts";
import { observedDelays } from "../rules/notification/delay.ts";
import { action, principalArn, sellerAccountParts } from "./seller-account.ts";

const accountId = z.string().regex(/^\d{12}$/, "is no AWS account id: 12 digits in quotes");
const webAddress = z.url({ protocol: /^https?$/ });
const seconds = z.number().min(0).max(31_536_000);

const caller = z.strictObject({
  accessKeyId: z.string().regex(/^[A-Z0-9]{4,128}$/, "must be capital letters and digits"),
  secretAccessKey: z.string().min(1),
  principalArn,
  /** For a seller whose production account is the seller account; leave out where roles are assumed. */
  actions: z.array(action).default([]),
});

const product = z.strictObject({
  code: z.string().regex(/^[-a-zA-Z0-9/=:_.@]{1,255}$/),
  id: z.string().regex(/^prod-\S+$/, "is no product id: it begins with prod-"),
  title: z.string(),
  generation: z.enum(["sns", "eventbridge", "migrating"]),
  pricing: z.enum(["subscription", "contract", "contract-with-consumption"]),
  dimensions: z.array(
    z.strictObject({
      key: z.string().min(1).max(255),
      title: z.string().min(1).optional(),
      types: z.array(z.enum(["ExternallyMetered", "Entitled"])).min(1),
    }),
  ),
  /** Where SNS posts the messages of an old listing, once the endpoint has confirmed; the queue when left out. */
  notificationEndpoint: webAddress.optional(),
});

const rule = z.strictObject({
  name: z.string(),
  /** An empty pattern matches every event. */
  pattern: z
    .strictObject({
      source: z.array(z.string()).optional(),
      "detail-type": z.array(z.string()).optional(),
    })
    .default({}),
  queueUrl: webAddress,
});

const conflicts = z.strictObject({
  identicalResend: z.enum(["Success", "DuplicateRecord"]).default(defaultConflicts.identicalResend),
  finalHourStartsAt: z
    .enum(["agreement-ended", "license-deprovisioned"])
    .default(defaultConflicts.finalHourStartsAt),
  hourStartBeforeActivation: z
    .enum(["refused", "accepted"])
    .default(defaultConflicts.hourStartBeforeActivation),
  licenseAtRenewal: z.enum(["same", "new"]).default(defaultConflicts.licenseAtRenewal),
});

const notificationDelays = z.strictObject({
  agreementCreatedSeconds: seconds.default(observedDelays.agreementCreatedSeconds),
  licenseUpdatedSeconds: seconds.default(observedDelays.licenseUpdatedSeconds),
  agreementEndedSeconds: seconds.default(observedDelays.agreementEndedSeconds),
  licenseDeprovisionedSeconds: seconds.default(observedDelays.licenseDeprovisionedSeconds),
  subscribeSuccessSeconds: seconds.default(observedDelays.subscribeSuccessSeconds),
  unsubscribePendingSeconds: seconds.default(observedDelays.unsubscribePendingSeconds),
  unsubscribeSuccessSeconds: seconds.default(observedDelays.unsubscribeSuccessSeconds),
  entitlementUpdatedSeconds: seconds.default(observedDelays.entitlementUpdatedSeconds),
});

/** How fast simulated time may run, in simulated seconds a second. */
export const clockRate = z.number().min(0).max(100_000);

const simulatorConfiguration = z
  .strictObject({
    sellerAccountId: accountId,
    topicAccountId: accountId.default("287250355862"),
    callers: z.array(caller).min(1),
    ...sellerAccountParts,
    products: z.array(product).min(1),
    sqs: z.strictObject({ endpoint: webAddress, region: z.string().default("us-east-1") }),
    /** The seller's page to which the storefront sends buyers (AWS: fulfilment URL). */
    registrationUrl: webAddress.optional(),
    /** Where SNS topics and the default bus's rule deliver to. */
    notificationQueueUrl: webAddress,
    buses: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })).default([]),
    clock: z
      .strictObject({ startAt: z.iso.datetime({ offset: true }).optional(), rate: clockRate.default(1) })
      .prefault({}),
    conflicts: conflicts.prefault({}),
    notificationDelays: notificationDelays.prefault({}),
    /** How many ResolveCustomer answers about each new agreement leave the license out. */
    licenseArnMissing: z.int().min(0).max(100).default(0),
    /** Whether terms that will end are announced 180, 120, 90, 60 and 30 days before. */
    endingNotices: z.boolean().default(false),
    /** Whether the address that confirms a subscription is served by the TLS port or by the plain one. */
    confirmSubscriptionOver: z.enum(["https", "http"]).default("https"),
    /** Whether calls beyond AWS's rates are refused. */
    throttling: z.boolean().default(true),
    snsSignatureVersion: z.enum(["1", "2"]).default("1"),
    /** Every id is computed from it: change it to tell two simulators apart. */
    seed: z.string().default("tollhouse"),
  })
  .superRefine((value, context) => {
    value.roles.forEach(({ arn: roleArn }, index) => {
      if (accountOf(roleArn) === value.sellerAccountId) return;
      const message = "is no role of the seller account: Marketplace answers only the account that published";
      context.addIssue({ code: "custom", path: ["roles", index, "arn"], message });
    });
    value.callers.forEach(({ principalArn: callerArn, actions }, index) => {
      if (actions.length === 0 || accountOf(callerArn) === value.sellerAccountId) return;
      const message = "must be left out: only a caller of the seller account may call Marketplace itself";
      context.addIssue({ code: "custom", path: ["callers", index, "actions"], message });
    });
  });

export type SimulatorConfiguration = z.output<typeof simulatorConfiguration>;
export type SimulatorConfigurationInput = z.input<typeof simulatorConfiguration>;

export const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

/** The simulator cannot start as it was asked to; the message names each wrong field. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "configuration-invalid";
}

/** @throws ConfigurationError naming every field that is wrong. */
export function parseConfiguration(input: unknown): SimulatorConfiguration {
  const parsed = simulatorConfiguration.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`the simulator's configuration is wrong:\n${z.prettifyError(parsed.error)}`);
}

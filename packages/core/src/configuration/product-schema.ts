import * as z from "zod";
import { hour, text } from "./field.ts";

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

/** A listing at AWS Marketplace. */
export const product = z
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
    const covering = new Set<string>();
    const isEntitled = (name: string) =>
      value.dimensions.some(({ key, kind }) => key === name && kind === "entitled");
    value.dimensions.forEach(({ key, kind, includedIn }, index) => {
      if (includedIn !== undefined && (kind !== "metered" || value.pricing !== "contract-with-consumption"))
        complain(
          ["dimensions", index, "includedIn"],
          'is only for a "metered" dimension of a "contract-with-consumption": remove it',
        );
      else if (includedIn !== undefined && covering.has(includedIn))
        complain(
          ["dimensions", index, "includedIn"],
          `"${includedIn}" covers another dimension already: one quantity cannot be used up twice`,
        );
      else if (includedIn !== undefined && !isEntitled(includedIn))
        complain(
          ["dimensions", index, "includedIn"],
          `"${includedIn}" is no entitled dimension of this product`,
        );
      if (includedIn !== undefined) covering.add(includedIn);
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

import * as z from "zod";
import { formatQuantity, type MicroUnits, parseQuantity } from "../quantity/micro-units.ts";
import { formatInstant, type Instant, parseInstant } from "../time/instant.ts";

/** One amount used: what the seller's services publish. */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  /** Who used it: a subscription's id or license ARN, the id of a customer of ours, or the seller's own reference of one. */
  readonly subject: string;
  /** When it was used. */
  readonly at: Instant;
  readonly dimension: string;
  readonly quantity: MicroUnits;
  readonly tagSet: TagSet;
}

/** Tags by which a buyer wants usage broken down, as canonical JSON of sorted pairs; `[]` means untagged. */
export type TagSet = string & { readonly __brand: "TagSet" };
export const untagged = "[]" as TagSet;

const printable = (max: number) =>
  z
    .string()
    .min(1, "is empty")
    .max(max, `is longer than ${max} characters`)
    .refine((text) => text.isWellFormed(), "has half a character in it: send well-formed UTF-8");
/** AWS: at most five tags, characters a-zA-Z0-9+ -=._:\/@ (BatchMeterUsage reference, Tag; Seller Guide, metering). */
const tagCharacters = /^[a-zA-Z0-9+ \-=._:\\/@]+$/;
const tagText = (max: number) =>
  printable(max).regex(tagCharacters, "has characters AWS does not take in tags");

/** Characters, as JavaScript counts them. */
const maxLength = { name: 256, dimension: 255, tagKey: 100, tagValue: 256 };
export const tagRecord = z.record(tagText(maxLength.tagKey), tagText(maxLength.tagValue));
export const maxTags = 5;

/** What a usage event is, but for the exactness of its quantity and the meaning of its time. */
export const cloudEvent = z.object(
  {
    specversion: z.literal("1.0", { error: 'must be "1.0" (CloudEvents)' }),
    id: printable(maxLength.name).describe(
      "Yours. A repeat has the same id, source and subject, and counts once.",
    ),
    source: printable(maxLength.name).describe("Which of your services says so."),
    type: printable(maxLength.name).describe("Any; we write usage."),
    subject: printable(maxLength.name).describe(
      "Who used it: a license (ARN or l-…), a subscription's id, a customer's (cus-…), or your own reference of a customer.",
    ),
    time: z
      .string({ error: "is missing: say when the usage happened" })
      .describe("When it was used, RFC 3339 with a zone. It decides the hour that is billed."),
    data: z.object({
      dimension: printable(maxLength.dimension).describe(
        "The dimension's API identifier at AWS Marketplace.",
      ),
      quantity: z.union([z.string(), z.number()], {
        error: 'must be a decimal, best as a string, e.g. "12.5"',
      }),
      // Looked at before it becomes a record, in which such a key would vanish.
      tags: z
        .unknown()
        .refine(
          (tags) => typeof tags !== "object" || tags === null || !Object.hasOwn(tags, "__proto__"),
          'has a key "__proto__"',
        )
        .pipe(tagRecord)
        .refine(
          (tags) => Object.keys(tags).length <= maxTags,
          `has more than ${maxTags} entries, AWS's limit`,
        )
        .optional(),
    }),
  },
  { error: "is no CloudEvent: send an object with specversion, id, source, type, subject, time and data" },
);

type UsageCloudEvent = z.infer<typeof cloudEvent>;

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPrintable = (value: unknown, max: number): boolean =>
  typeof value === "string" && value !== "" && value.length <= max && value.isWellFormed();
const isTagText = (value: unknown, max: number): boolean =>
  typeof value === "string" && value.length <= max && tagCharacters.test(value);

/**
 * Whether a value is without doubt what the schema accepts, at a small part of its cost. An event may be fit without being
 * ordinary, but is never ordinary without being fit. What is not ordinary is for the schema, which alone says what is wrong.
 */
export function isOrdinary(value: unknown): value is UsageCloudEvent {
  if (!isFields(value) || value["specversion"] !== "1.0" || typeof value["time"] !== "string") return false;
  const { id, source, type, subject, data } = value;
  return (
    [id, source, type, subject].every((name) => isPrintable(name, maxLength.name)) && isOrdinaryData(data)
  );
}

const isOrdinaryData = (data: unknown): boolean =>
  isFields(data) &&
  isPrintable(data["dimension"], maxLength.dimension) &&
  (typeof data["quantity"] === "string" || Number.isFinite(data["quantity"])) &&
  (data["tags"] === undefined || areOrdinaryTags(data["tags"]));

function areOrdinaryTags(tags: unknown): boolean {
  if (!isFields(tags) || Object.getPrototypeOf(tags) !== Object.prototype) return false;
  const keys = Reflect.ownKeys(tags);
  return (
    keys.length <= maxTags &&
    keys.every(
      (key) =>
        typeof key === "string" &&
        key !== "__proto__" &&
        isTagText(key, maxLength.tagKey) &&
        isTagText(tags[key], maxLength.tagValue),
    )
  );
}

/** Reads one CloudEvent of usage. Gives the reason when it is none, naming the field. */
export function parseUsageEvent(value: unknown): UsageEvent | { readonly refused: string } {
  return isOrdinary(value) ? usageOf(value) : parseBySchema(value);
}

/** The rule itself, whose answer `isOrdinary` only anticipates. */
export function parseBySchema(value: unknown): UsageEvent | { readonly refused: string } {
  const parsed = cloudEvent.safeParse(value);
  if (parsed.success) return usageOf(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) =>
    [path.join("."), message].filter((part) => part !== "").join(" "),
  );
  return { refused: problems.join("; ") };
}

function usageOf({
  id,
  source,
  subject,
  time,
  data,
}: UsageCloudEvent): UsageEvent | { readonly refused: string } {
  const at = parseInstant(time);
  if (at === undefined)
    return { refused: `time ${JSON.stringify(time)} is no RFC 3339 instant, e.g. 2026-08-20T14:23:11Z` };
  const quantity = parseQuantity(data.quantity);
  if (typeof quantity === "object") return { refused: `data.quantity ${quantity.refused}` };
  return { source, id, subject, at, dimension: data.dimension, quantity, tagSet: tagSetOf(data.tags ?? {}) };
}

function tagSetOf(tags: Readonly<Record<string, string>>): TagSet {
  const pairs = Object.entries(tags);
  if (pairs.length === 0) return untagged;
  return JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1))) as TagSet;
}

/** The event as the CloudEvent that says the same. */
export const cloudEventOf = ({
  source,
  id,
  subject,
  at,
  dimension,
  quantity,
  tagSet,
}: UsageEvent): object => {
  const tags = z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(tagSet));
  return {
    ...{ specversion: "1.0", type: "usage", source, id, subject, time: formatInstant(at) },
    data: {
      dimension,
      quantity: formatQuantity(quantity),
      ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags) }),
    },
  };
};

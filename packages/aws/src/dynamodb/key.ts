import { createHash } from "node:crypto";
import type { BuyerId } from "@tollhouse/core/lifecycle/buyer";
import type { RecordKey } from "@tollhouse/core/lifecycle/store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { formatInstant, type Instant } from "@tollhouse/core/time/instant";
import { formatHour, hourEnd, type UtcHour } from "@tollhouse/core/time/utc-hour";
import type { BookKey } from "@tollhouse/core/metering/book";
import type { WaitingUsage } from "@tollhouse/core/metering/store";
import { recordName, type UsageRecord } from "@tollhouse/core/metering/usage-record";
import { keepUsageDays } from "@tollhouse/core/usage/retention";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";

/** Every key of both tables. Entities have ElectroDB templates, everything else functions. */
export const lifecycleKey = {
  subscription: { pk: "SUBSCRIPTION#${id}", sk: "STATE" },
  /** What operators and the comparison with AWS list; `listing` is a kind of thing, sorted by id. */
  listed: { pk: "LIST#${listing}", sk: "${id}" },
  listedFact: { pk: "LIST#${listing}", sk: "${place}" },
  subscriptionByCustomer: { pk: "CUSTOMER#${customerId}", sk: "SUBSCRIPTION#${id}" },
  /** Sparse: customers whom the seller gave a name of its own. */
  customerByReference: { pk: "REFERENCE#${reference}", sk: "CUSTOMER#${id}" },
  agreement: { pk: "AGREEMENT#${id}", sk: "STATE" },
  buyer: { pk: "BUYER#${id}", sk: "STATE" },
  /** Facts lie beside the state they belong to: `stream` is that state's partition. */
  fact: { pk: "${stream}", sk: "FACT#${factId}" },
  customer: { pk: "CUSTOMER#${id}", sk: "STATE" },
  entitlements: { pk: "SUBSCRIPTION#${subscriptionId}", sk: "ENTITLEMENTS" },
  outbox: { pk: "OUTBOX#${id}", sk: "ENTRY" },
  /** Sparse: an entry leaves the index when it is done. */
  outboxUndone: { pk: "OUTBOX#UNDONE#${bucket}", sk: "${dueAt}#${id}" },
} as const;

export const quarantineKey = {
  head: (id: string) => ({ pk: `QUARANTINE#${id}`, sk: "HEAD" }),
  part: (id: string, part: number) => ({
    pk: `QUARANTINE#${id}`,
    sk: `PART#${String(part).padStart(4, "0")}`,
  }),
  /** One line an entry, by day, so that the newest are found without an index. */
  line: (at: Instant, id: string) => ({
    pk: `QUARANTINED#${formatInstant(at).slice(0, 10)}`,
    sk: `${formatInstant(at)}#${id}`,
  }),
};

/** What comparisons with AWS saw lies together; the sweep's item sorts before the suspicions. */
export const reconciliationKey = {
  suspicion: (id: string) => ({ pk: "RECONCILIATION", sk: `SUSPICION#${id}` }),
  sweep: { pk: "RECONCILIATION", sk: "SWEEP" },
};

/** The lists that are not of parked facts; those are named by their reason. */
export const subscriptionListing = "subscription";
export const customerListing = "customer";

/** The partition of a record, in which its facts lie. */
export const streamOf = ({ kind, id }: RecordKey): string => `${kind.toUpperCase()}#${id}`;

/** The record that a partition belongs to. @throws Error for a text that `streamOf` never gives */
export function recordKeyOf(stream: string): RecordKey {
  const [kind = "", ...rest] = stream.split("#");
  return recordKeySchema.parse({ kind: kind.toLowerCase(), id: rest.join("#") });
}

const recordKeySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("subscription"), id: z.string().transform((id) => id as SubscriptionId) }),
  z.object({ kind: z.literal("agreement"), id: z.string() }),
  z.object({ kind: z.literal("buyer"), id: z.string().transform((id) => id as BuyerId) }),
  z.object({ kind: z.literal("seller"), id: z.string() }),
]);

/** How partitions and sort keys of the Metering table begin, for who reads all of it. */
export const meteringPrefix = {
  ...{ hourShard: "USAGE#", mark: "MARK#", waiting: "WAITING#" },
  ...{ posting: "POSTING#", record: "RECORD#" },
} as const;

const hourShard = ({ hour, shard }: HourShard) => `${meteringPrefix.hourShard}${formatHour(hour)}#${shard}`;
/** Subjects and dimensions are free text: a `#` in one of them must not look like the border between the two. */
const escaped = (text: string): string => text.replaceAll("%", "%25").replaceAll("#", "%23");
const book = ({ subscriptionId, dimension }: BookKey) =>
  `BOOK#${escaped(subscriptionId)}#${escaped(dimension)}`;

const planName = (kind: string, planId: string): string => `PLAN#${kind}#${planId}`;
const inTime = (by: Instant, name: string): string => `0#${formatInstant(by)}#${name}`;
const padded = (part: number): string => String(part).padStart(4, "0");

export const meteringKey = {
  segment: (place: HourShard, id: string) => ({ pk: hourShard(place), sk: `SEGMENT#${id}` }),
  fold: (place: HourShard) => ({ pk: hourShard(place), sk: "FOLD" }),
  /** One part of a plan in items of their own; without a plan those of all plans, without a number all of its items. */
  plan: (place: HourShard, kind: string, planId?: string, part?: number) => ({
    pk: hourShard(place),
    sk: [
      planName(kind, planId ?? ""),
      ...(planId === undefined ? [] : [part === undefined ? "" : padded(part)]),
    ].join("#"),
  }),
  planName: (kind: string, planId: string) => planName(kind, planId),
  shardHistory: { pk: "SHARDS", sk: "HISTORY" },
  progress: { pk: "METER", sk: "PROGRESS" },
  zeroProgress: { pk: "METER", sk: "ZEROS" },
  lease: { pk: "METER", sk: "LEASE" },
  productSwitch: (productCode: string) => ({ pk: "METER", sk: `SWITCH#${productCode}` }),
  knownProducts: { pk: "METER", sk: "PRODUCTS" },
  /** Marks of a shard lie together, oldest hour first. */
  mark: ({ hour, shard }: HourShard) => ({ pk: `${meteringPrefix.mark}${shard}`, sk: formatHour(hour) }),
  book: (key: BookKey) => ({ pk: book(key), sk: "BOOK" }),
  posting: (key: BookKey, planId: string) => ({ pk: book(key), sk: `${meteringPrefix.posting}${planId}` }),
  record: (key: BookKey, hour: UtcHour) => ({
    pk: book(key),
    sk: `${meteringPrefix.record}${formatHour(hour)}`,
  }),
  /** Sparse: books with a whole unit to seal, spread over buckets, since an index partition takes 1,000 writes a second. */
  wholeUnits: (key: BookKey) => ({ gsi1pk: `BOOKS#WHOLE#${bucketOf(book(key))}`, gsi1sk: book(key) }),
  wholeUnitsBucket: (bucket: number) => `BOOKS#WHOLE#${bucket}`,
  /** Sparse: records without an outcome. Those that were postponed stand behind all others, by when they are sent again. */
  pending: (record: UsageRecord) => {
    const retryAt = record.outcome.state === "pending" ? record.outcome.retryAt : undefined;
    const list = record.entry.quantity === 0n ? "ZERO" : "PENDING";
    const name = recordName(record);
    return {
      gsi1pk: `${list}#${record.productCode}#${bucketOf(name)}`,
      gsi1sk: retryAt === undefined ? inTime(record.deadlineAt, name) : `1#${formatInstant(retryAt)}#${name}`,
    };
  },
  /** Where a record stands that has to be accepted by an instant. */
  pendingInTime: (by: Instant, record: UsageRecord) => inTime(by, recordName(record)),
  /** Sorts behind all that is to be sent by an instant. */
  pendingBefore: (by: Instant) => `1#${formatInstant(by)}$`,
  waiting: (subject: string, id: string) => ({
    pk: `${meteringPrefix.waiting}${escaped(subject)}`,
    sk: `USAGE#${id}`,
  }),
  /** Sparse: usage that waits, first what is to be looked at first. */
  waitingDue: ({ subject, id, lookAt }: Pick<WaitingUsage, "subject" | "id" | "lookAt">) => ({
    gsi1pk: `WAITING#DUE#${bucketOf(`${subject} ${id}`)}`,
    gsi1sk: `${formatInstant(lookAt)}#${subject} ${id}`,
  }),
  /** Sorts behind all that is due by an instant. */
  waitingBefore: (by: Instant) => `${formatInstant(by)}$`,
  waitingBucket: (bucket: number) => `WAITING#DUE#${bucket}`,
  pendingBucket: (productCode: string, bucket: number) => `PENDING#${productCode}#${bucket}`,
  /** Records without units, which must not stand between those with units. */
  zeroBucket: (productCode: string, bucket: number) => `ZERO#${productCode}#${bucket}`,
};

/** Items that are read through an index are spread over so many partitions of it. */
export const bucketCount = 4;
export const bucketOf = (name: string): number =>
  (createHash("sha256").update(name).digest()[0] ?? 0) % bucketCount;

/** Seconds since 1970, as DynamoDB's expiry wants it. */
export const expirySecond = (at: Instant, afterDays: number): number =>
  Math.floor(at / 1_000) + afterDays * 86_400;

/** When all that is kept of an hour's usage expires. */
export const usageExpirySecond = (hour: UtcHour): number => expirySecond(hourEnd(hour), keepUsageDays);

/** Quarantined messages may hold personal data; they go after this many days. */
export const quarantineDays: number = 90;

import { createHash } from "node:crypto";
import { formatInstant, type Instant } from "@tollhouse/core/time/instant";
import { formatHour, type UtcHour } from "@tollhouse/core/time/utc-hour";
import type { BookKey } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import type { HourShard } from "@tollhouse/core/usage/shard";

/** Every key of both tables. Entities have ElectroDB templates, everything else functions. */
export const lifecycleKey = {
  subscription: { pk: "SUBSCRIPTION#${id}", sk: "STATE" },
  subscriptionByCustomer: { pk: "CUSTOMER#${customerId}", sk: "SUBSCRIPTION#${id}" },
  agreement: { pk: "AGREEMENT#${id}", sk: "STATE" },
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

export const stream = {
  subscription: (id: string) => `SUBSCRIPTION#${id}`,
  agreement: (id: string) => `AGREEMENT#${id}`,
};

const hourShard = ({ hour, shard }: HourShard) => `USAGE#${formatHour(hour)}#${shard}`;
/** Subjects and dimensions are free text: a `#` in one of them must not look like the border between the two. */
const escaped = (text: string): string => text.replaceAll("%", "%25").replaceAll("#", "%23");
const book = ({ account, dimension }: BookKey) => `BOOK#${escaped(account)}#${escaped(dimension)}`;

const planName = (kind: string, planId: string): string => `PLAN#${kind}#${planId}`;
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
  /** Marks of a shard lie together, oldest hour first. */
  mark: ({ hour, shard }: HourShard) => ({ pk: `MARK#${shard}`, sk: formatHour(hour) }),
  book: (key: BookKey) => ({ pk: book(key), sk: "BOOK" }),
  posting: (key: BookKey, planId: string) => ({ pk: book(key), sk: `POSTING#${planId}` }),
  record: (key: BookKey, hour: UtcHour) => ({ pk: book(key), sk: `RECORD#${formatHour(hour)}` }),
  /** Sparse: books with a whole unit to seal, spread over buckets, since an index partition takes 1,000 writes a second. */
  wholeUnits: (key: BookKey) => ({ gsi1pk: `BOOKS#WHOLE#${bucketOf(book(key))}`, gsi1sk: book(key) }),
  wholeUnitsBucket: (bucket: number) => `BOOKS#WHOLE#${bucket}`,
  /** Sparse: records without an outcome. Those that were postponed stand behind all others, by when they were last tried. */
  pending: (
    { productCode, deadlineAt, outcome }: Pick<UsageRecord, "productCode" | "deadlineAt" | "outcome">,
    name: string,
  ) => {
    const triedAt = outcome.state === "pending" ? outcome.triedAt : undefined;
    const place = triedAt === undefined ? `0#${formatInstant(deadlineAt)}` : `1#${formatInstant(triedAt)}`;
    return { gsi1pk: `PENDING#${productCode}#${bucketOf(name)}`, gsi1sk: `${place}#${name}` };
  },
  pendingBucket: (productCode: string, bucket: number) => `PENDING#${productCode}#${bucket}`,
};

/** Items that are read through an index are spread over so many partitions of it. */
export const bucketCount = 4;
export const bucketOf = (name: string): number =>
  (createHash("sha256").update(name).digest()[0] ?? 0) % bucketCount;

/** Seconds since 1970, as DynamoDB's expiry wants it. */
export const expirySecond = (at: Instant, afterDays: number): number =>
  Math.floor(at / 1_000) + afterDays * 86_400;

/** Quarantined messages may hold personal data; they go after this many days. */
export const quarantineDays: number = 90;

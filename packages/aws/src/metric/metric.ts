import type { Installation } from "../seller/duty.ts";

interface Metric {
  readonly unit: "Count" | "None";
  /** The functions that measure it: each is a `service` of its own in CloudWatch. */
  readonly of: readonly string[];
  readonly means: string;
}

/**
 * Everything that the functions measure, each by one name that code, alarms and dashboard share. A count is told when something was
 * done; a gauge every time somebody looks, also when nothing waits. CloudWatch knows no hours and minutes, so names say them.
 */
export const metrics = {
  FactsStored: {
    unit: "Count",
    of: ["intake", "webhook"],
    means: "facts that AWS Marketplace told, each once",
  },
  BuyersRegistered: { unit: "Count", of: ["registration"], means: "visits of buyers that AWS knew" },
  Quarantined: {
    unit: "Count",
    of: ["intake", "webhook", "entitlement", "usage", "fold"],
    means: "messages that nobody can use, kept with the reason",
  },
  SellerRoleRefused: {
    unit: "Count",
    of: ["registration", "entitlement", "reconciliation", "meter"],
    means: "sessions of a seller role that STS refused, and will until somebody mends it",
  },
  OutboxRelayed: { unit: "Count", of: ["relay"], means: "outbox entries that were carried out" },
  MailsLeft: { unit: "Count", of: ["relay"], means: "mails to buyers that were not sent and wait" },
  OutboxLeft: { unit: "Count", of: ["relay"], means: "outbox entries that failed and are tried again" },

  UsageEvents: { unit: "Count", of: ["usage"], means: "usage events taken, repeats among them" },
  EventsCounted: { unit: "Count", of: ["fold", "meter"], means: "usage events counted for somebody" },
  EventsRepeated: { unit: "Count", of: ["fold"], means: "copies of usage events that were met before" },
  EventsUnattributed: {
    unit: "Count",
    of: ["fold"],
    means: "usage events that fit nobody yet and are set aside",
  },
  EventsGivenUp: {
    unit: "Count",
    of: ["fold", "meter"],
    means: "usage events for which nobody was found in all the time that usage is accepted",
  },
  SegmentsDamaged: { unit: "Count", of: ["fold"], means: "segments of usage that cannot be read" },

  RecordsSealed: { unit: "Count", of: ["meter"], means: "usage records made" },
  RecordsAccepted: { unit: "Count", of: ["meter"], means: "usage records that AWS took" },
  RecordsConflicting: {
    unit: "Count",
    of: ["meter"],
    means: "usage records of which AWS has another quantity",
  },
  RecordsRefused: {
    unit: "Count",
    of: ["meter"],
    means: "usage records that AWS refused until their window shut",
  },
  RecordsExpired: {
    unit: "Count",
    of: ["meter"],
    means: "usage records whose window shut without an answer",
  },
  WriteOffs: {
    unit: "Count",
    of: ["meter"],
    means: "times that units of a book were given up, fractions left out",
  },
  MeteringCalls: { unit: "Count", of: ["meter"], means: "calls of BatchMeterUsage" },
  MeteringCallsThrottled: {
    unit: "Count",
    of: ["meter"],
    means: "calls of BatchMeterUsage that AWS throttled",
  },
  RunsCompleted: {
    unit: "Count",
    of: ["relay", "meter", "reconciliation", "watch", "inspection"],
    means: "runs of a schedule that came to their end",
  },

  OldestUsageHours: {
    unit: "None",
    of: ["watch"],
    means: "age of the oldest usage that AWS has not accepted, from the end of its hour",
  },
  NearestDeadlineMinutes: {
    unit: "None",
    of: ["watch"],
    means: "until nobody is billed for something; 1,440 where that is further off, or never",
  },
  RecordsPending: { unit: "Count", of: ["watch"], means: "usage records without an outcome" },
  BooksUnsealed: { unit: "Count", of: ["watch"], means: "books with units that are late and in no record" },
  FinalHoursUnfinished: {
    unit: "Count",
    of: ["watch"],
    means: "final hours that are not done half an hour after the end",
  },
  OldestUnattributedHours: { unit: "None", of: ["watch"], means: "age of the oldest usage that fits nobody" },
  FoldLagMinutes: {
    unit: "None",
    of: ["watch"],
    means: "how long the oldest hour that sealing waits for is over and not counted",
  },
  HourShardsUnfolded: {
    unit: "Count",
    of: ["watch"],
    means: "hour-shards of closed hours with usage not counted",
  },
  ProductsPaused: { unit: "Count", of: ["watch"], means: "products whose metering a person has paused" },
  ProductsHeld: { unit: "Count", of: ["watch"], means: "products of which AWS takes nothing" },
  WatchIncomplete: {
    unit: "Count",
    of: ["watch"],
    means: "1 when not all that waits could be looked at, else 0",
  },

  LedgerDifferences: {
    unit: "Count",
    of: ["inspection"],
    means: "differences in the books that every look found",
  },
  RecordsInConflict: {
    unit: "Count",
    of: ["inspection"],
    means: "usage records of the last 45 days of which AWS has another quantity",
  },
  InspectionCutShort: {
    unit: "Count",
    of: ["inspection"],
    means: "1 when time ran out before the books' end, else 0",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** The CloudWatch namespace of one installation: two in one account keep their numbers apart. */
export const metricNamespace = ({ name, stage }: Installation): string => `Tollhouse/${name}-${stage}`;

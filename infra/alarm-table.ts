import type { MetricName } from "@tollhouse/aws/metric/metric";
import { type FunctionName, functions, type QueueName, queues } from "@tollhouse/functions/manifest";

/** What an alarm or a graph looks at. A metric of ours is summed over all functions that measure it, or over those named. */
export type Watched =
  | { readonly own: MetricName; readonly of?: FunctionName }
  | { readonly deadLetterOf: QueueName | "Schedule" }
  | { readonly ageOf: QueueName }
  | { readonly depthOf: QueueName }
  | { readonly ofFunction: FunctionName; readonly metric: "Errors" | "Throttles" | "Duration" }
  | { readonly serverErrorsOf: "registration" | "usage" };

export interface Alarm {
  /** `<name>-<stage>-<this>` on AWS. */
  readonly name: string;
  /** The heading of docs/operations.md that says more. */
  readonly heading: string;
  /** Added up. */
  readonly watched: readonly Watched[];
  readonly statistic: "Sum" | "Maximum" | "Minimum";
  readonly alarmWhen: "above" | "below";
  readonly threshold: number;
  readonly periodMinutes: number;
  /** So many periods in a row. */
  readonly periods: number;
  /**
   * What no data mean. `notBreaching`: that nothing happened. `breaching`: that what should have happened did not. `ignore`: that nobody
   * looked, so that the alarm stays as it is; `missed-watch` or `missed-inspection` says so.
   */
  readonly missing: "notBreaching" | "breaching" | "ignore";
  /** What it means for buyers or money. */
  readonly impact: string;
  /** What to do first. */
  readonly remedy: string;
}

type Words = readonly [impact: string, remedy: string];

/** Something that should never happen: told once it did, and shown for an hour. */
const happened = (name: string, counts: readonly MetricName[], [impact, remedy]: Words): Alarm => ({
  ...{ name, heading: name, watched: counts.map((own) => ({ own })), impact, remedy },
  ...{ statistic: "Sum", alarmWhen: "above", threshold: 0, periodMinutes: 60, periods: 1 },
  missing: "notBreaching",
});

/** The watch measures every five minutes. Two in a row: one is what a run of the meter was just about to do. */
const tooHigh = (name: string, own: MetricName, threshold: number, [impact, remedy]: Words): Alarm => ({
  ...{ name, heading: name, watched: [{ own }], impact, remedy, threshold },
  ...{ statistic: "Maximum", alarmWhen: "above", periodMinutes: 5, periods: 2, missing: "ignore" },
});

/** At every run of an hour. */
const forAnHour = (name: string, own: MetricName, words: Words): Alarm => ({
  ...tooHigh(name, own, 0, words),
  ...{ statistic: "Minimum", periods: 12 },
});

/** No run came to its end in so much time; a schedule that is gone measures nothing. */
const missed = (
  of: FunctionName,
  periodMinutes: number,
  periods: number,
  [impact, remedy]: Words,
): Alarm => ({
  ...{
    name: `missed-${of}`,
    heading: `missed-${of}`,
    watched: [{ own: "RunsCompleted", of }],
    impact,
    remedy,
  },
  ...{ statistic: "Sum", alarmWhen: "below", threshold: 1, periodMinutes, periods, missing: "breaching" },
});

const late =
  "Usage that AWS could have taken has not been accepted for so many hours; it takes it for 24 hours, and on a month's first day until 06:00 UTC.";
const seeAtRisk =
  "Ask `npx tollhouse ledger at-risk` what waits and why, and `npx tollhouse metering show` what holds a product up.";

const money: readonly Alarm[] = [
  tooHigh("at-risk-1h-warning", "OldestUsageHours", 1, [`More than 1 hour late. ${late}`, seeAtRisk]),
  tooHigh("at-risk-6h-severe", "OldestUsageHours", 6, [`More than 6 hours late. ${late}`, seeAtRisk]),
  tooHigh("at-risk-20h-critical", "OldestUsageHours", 20, [`More than 20 hours late. ${late}`, seeAtRisk]),
  {
    ...tooHigh("final-hour", "FinalHoursUnfinished", 0, [
      "A buyer has left, and half an hour later their last usage is not with AWS, which takes it for half an hour more and then never.",
      seeAtRisk,
    ]),
    // No time to look twice.
    periods: 1,
  },
  {
    ...tooHigh("deadline-near", "NearestDeadlineMinutes", 30, [
      "In less than 30 minutes AWS stops taking some usage, and nobody will be billed for it.",
      seeAtRisk,
    ]),
    ...{ statistic: "Minimum", alarmWhen: "below" },
  },
  happened(
    "conflicts",
    ["RecordsConflicting"],
    [
      "AWS holds another quantity than ours for a usage record, so the buyer is billed a number that we did not send.",
      "Find it with `npx tollhouse ledger at-risk`; `npx tollhouse ledger explain <record>` says how to correct it with AWS.",
    ],
  ),
  happened(
    "not-billed",
    ["RecordsRefused", "RecordsExpired"],
    [
      "AWS accepted usage records in none of their window: nobody is billed for them.",
      "Read the meter's log for the reason; `npx tollhouse ledger show <subscription>` has each record's outcome.",
    ],
  ),
  happened(
    "written-off",
    ["WriteOffs", "EventsGivenUp"],
    [
      "Units were given up: nobody is billed for them.",
      "The logs of meter and fold name subscription, dimension and reason; the reason says whether a producer is late or a listing is wrong.",
    ],
  ),
  tooHigh("unattributed", "OldestUnattributedHours", 1, [
    "Usage has waited for more than an hour because it fits no subscription, or several; it is given up after `acceptUsageDays`.",
    "Ask `npx tollhouse usage unattributed` for subjects and reasons; a wrong subject is the producer's to mend.",
  ]),
  happened(
    "damaged-segments",
    ["SegmentsDamaged"],
    [
      "Stored usage cannot be read and is not counted.",
      "The fold's log names the segments; restore them from the table's point-in-time recovery.",
    ],
  ),
  {
    // Measured once a day: it stays what it is until the next inspection.
    ...tooHigh("books-differ", "LedgerDifferences", 0, [
      "The books do not balance: some units were lost, or counted twice.",
      "Look again with `npx tollhouse ledger check`; pause the products it names before the next hour is sealed.",
    ]),
    ...{ periodMinutes: 60, periods: 1 },
  },
  forAnHour("paused", "ProductsPaused", [
    "A product has been paused for an hour: its usage is counted and not sent.",
    "See why with `npx tollhouse metering show`; `npx tollhouse metering resume <product>` lets it go on.",
  ]),
  tooHigh("held", "ProductsHeld", 0, [
    "AWS takes nothing of a product, and its usage waits.",
    "`npx tollhouse metering show` has AWS's reason: mostly a role or an agreement with AWS that is missing.",
  ]),
];

const lifecycle: readonly Alarm[] = [
  happened(
    "quarantine",
    ["Quarantined"],
    [
      "Messages could not be used and have had no effect: a buyer's change or usage may be missing.",
      "`npx tollhouse quarantine list` has the reason of each; mend the sender and send the message again.",
    ],
  ),
  {
    ...happened(
      "seller-role-refused",
      ["SellerRoleRefused"],
      [
        "The seller account does not let us in: no buyer can register, and no usage is sent.",
        "`npx tollhouse doctor --stage <stage>` says which side to mend; the function's log names role and external id to compare.",
      ],
    ),
    periodMinutes: 15,
  },
  {
    ...happened(
      "mail-held",
      ["MailsLeft"],
      [
        "Buyers get no mail that confirms their registration. They can register and use the product all the same.",
        "Read the relay's log for the reason: mostly the identity in SES is not verified, or SES is still in its sandbox.",
      ],
    ),
    ...{ periodMinutes: 5, periods: 6 },
  },
];

const schedules: readonly Alarm[] = [
  missed("relay", 5, 2, [
    "No run of the relay has come to its end for 10 minutes: your services hear nothing, and final hours do not end.",
    "Read the relay's log; an event bus that refuses everything fails the run.",
  ]),
  missed("meter", 5, 3, [
    "No scheduled run of the meter has come to its end for 15 minutes: nothing is folded, sealed or sent.",
    "Read the meter's log, and see with `npx tollhouse doctor --stage <stage>` whether its schedule is there.",
  ]),
  missed("reconciliation", 15, 3, [
    "Nothing has been compared with AWS for 45 minutes: what lost notifications left wrong stays wrong.",
    "Read the reconciliation's log; a seller role that does not let us in fails every run.",
  ]),
  missed("watch", 5, 3, [
    "Nobody has looked for 15 minutes at what waits: the alarms on money stay as they are, whatever happens.",
    "Read the watch's log; until it runs, ask `npx tollhouse ledger at-risk`.",
  ]),
  missed("inspection", 60, 26, [
    "The books have not been inspected to their end for 26 hours: a difference would go unnoticed.",
    "Read the inspection's log: when its time ran out, run `npx tollhouse ledger check`.",
  ]),
  forAnHour("watch-incomplete", "WatchIncomplete", [
    "For an hour not all that waits could be looked at, so what is at risk may be worse than the numbers say.",
    "The watch's log says what was left out; `npx tollhouse ledger at-risk` has no time-out.",
  ]),
];

/** SQS moves back only what a queue of its own sent there (SQS API reference, StartMessageMoveTask). */
const empty = "Mend what the log says; the next ticks do the work. Then empty it with `aws sqs purge-queue`.";
const redrive = "Mend what the log says, then send them again with `aws sqs start-message-move-task`.";

/** Whose effect is missing while a message lies in the queue's dead-letter queue. */
const deadLetters: Readonly<Record<QueueName | "Schedule", string>> = {
  Intake: "Notifications of AWS Marketplace have no effect: a buyer may lack access, or keep what they lost.",
  Relay: "Wakes of the relay failed; its schedule does the same work, unless it fails too.",
  Entitlement: "Entitlements were not read: a buyer may lack what they bought.",
  Usage: "Usage events are not counted, and AWS takes their hour for a day only.",
  Fold: "Hours were not folded: nothing later of these shards is sealed until the meter asks again.",
  Meter: "Runs of the meter failed for a subscription that ends: its last hour may be lost.",
  Schedule: "Scheduled runs failed: relay, meter, reconciliation, watch or inspection.",
};

/**
 * Minutes after which the oldest message of a queue is too old. Healthy queues are empty within seconds; one failed delivery returns
 * after the queue's visibility time-out, so the limits stand above it where a message may wait that long.
 */
const oldAfterMinutes: Readonly<Record<QueueName, readonly [minutes: number, impact: string]>> = {
  // Three deliveries failed; the fifth goes to the dead-letter queue.
  Intake: [15, "Buyers' subscriptions and cancellations are noticed late."],
  Relay: [15, "Wakes pile up; the schedule alone relays."],
  // AWS counts the calls of the whole account, so a burst of buyers may wait a while.
  Entitlement: [30, "What buyers bought is known late."],
  // A final hour is sealed 15 minutes after its end: usage that waits longer here misses it.
  Usage: [12, "Usage is stored late; that of a buyer who leaves may be lost."],
  // A fold may take its 4 minutes, and comes back 24 minutes after one that died.
  Fold: [30, "Hours are counted late."],
  Meter: [30, "Subscriptions that end are metered late."],
};

const names = Object.keys(functions) as FunctionName[];
const queueNames = Object.keys(queues) as QueueName[];

const plumbing: readonly Alarm[] = [
  ...([...queueNames, "Schedule"] as const).map((source): Alarm => ({
    ...{ name: `dead-letters-${source.toLowerCase()}`, heading: "dead-letters" },
    ...{ watched: [{ deadLetterOf: source }], statistic: "Maximum", alarmWhen: "above", threshold: 0 },
    ...{ periodMinutes: 5, periods: 1, missing: "notBreaching" },
    ...{ impact: deadLetters[source], remedy: source === "Schedule" ? empty : redrive },
  })),
  ...queueNames.map((source): Alarm => ({
    ...{ name: `queue-age-${source.toLowerCase()}`, heading: "queue-age" },
    ...{ watched: [{ ageOf: source }], statistic: "Maximum", alarmWhen: "above" },
    ...{ threshold: oldAfterMinutes[source][0] * 60, periodMinutes: 5, periods: 1, missing: "notBreaching" },
    impact: oldAfterMinutes[source][1],
    remedy:
      "Look at the dashboard whether its function fails, is throttled or cannot keep up; the log has the reason.",
  })),
  ...names.map((name): Alarm => ({
    ...{ name: `errors-${name}`, heading: "errors", watched: [{ ofFunction: name, metric: "Errors" }] },
    // Single failures are tried again by themselves.
    ...{ statistic: "Sum", alarmWhen: "above", threshold: 2, periodMinutes: 15, periods: 1 },
    missing: "notBreaching",
    impact: `The function ${name} fails again and again; what it should do waits.`,
    remedy: "Read the function's log; a failed link shows in `npx tollhouse doctor --stage <stage>`.",
  })),
  ...names.map((name): Alarm => ({
    ...{
      name: `throttles-${name}`,
      heading: "throttles",
      watched: [{ ofFunction: name, metric: "Throttles" }],
    },
    ...{ statistic: "Sum", alarmWhen: "above", threshold: 0, periodMinutes: 5, periods: 3 },
    missing: "notBreaching",
    impact: `Lambda has not let the function ${name} run for 15 minutes: the account's concurrency is used up.`,
    remedy: "See in Lambda's console who uses it, and ask AWS for a higher limit of concurrent executions.",
  })),
  {
    ...{ name: "http-5xx-registration", heading: "http-5xx", watched: [{ serverErrorsOf: "registration" }] },
    // A page whose license AWS has not named asks 24 times within two minutes and is told 503.
    ...{ statistic: "Sum", alarmWhen: "above", threshold: 30, periodMinutes: 15, periods: 1 },
    missing: "notBreaching",
    impact: "Buyers cannot register, or SNS cannot deliver.",
    remedy:
      "Read the logs of registration and webhook; `npx tollhouse doctor --stage <stage>` tries the seller role.",
  },
  {
    ...{ name: "http-5xx-usage", heading: "http-5xx", watched: [{ serverErrorsOf: "usage" }] },
    ...{ statistic: "Sum", alarmWhen: "above", threshold: 5, periodMinutes: 15, periods: 1 },
    missing: "notBreaching",
    impact:
      "Your services cannot report usage, and were told to send it again; or they are not told who may use what.",
    remedy: "Read the logs of collector and access: mostly the queue or the table could not be reached.",
  },
];

/** Every alarm of a permanent stage. docs/operations.md has a heading for each. */
export const alarms: readonly Alarm[] = [...money, ...lifecycle, ...schedules, ...plumbing];

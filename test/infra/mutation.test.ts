import { describe, expect, it } from "vitest";
import { expected } from "./expected.ts";
import { picture, type Picture } from "./picture.ts";
import { edited, synth } from "./synth/synth.ts";

interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly caughtBy: keyof Picture;
}

const manifest = "packages/functions/src/manifest.ts";

/** Mistakes that a person could make and a review could miss; each must change the section that guards against it. */
const mutations: Mutation[] = [
  {
    name: "one bad message takes its whole batch back",
    file: "infra/source.ts",
    from: "partialResponses: true",
    to: "partialResponses: false",
    caughtBy: "subscriptions",
  },
  {
    name: "any topic or rule of any account may fill the intake queue",
    file: "packages/aws/src/message/intake-sender.ts",
    from: `conditions: [{ operator: "ArnEquals", key: "aws:SourceArn", values: sourceArns }],`,
    to: "conditions: [],",
    caughtBy: "queuePolicies",
  },
  {
    name: "any role of the seller account may fill the intake queue",
    file: "packages/aws/src/message/intake-sender.ts",
    from: "role/${rule}",
    to: "role/*",
    caughtBy: "queuePolicies",
  },
  {
    name: "any rule of any account may fill the usage queue",
    file: "infra/usage-source.ts",
    from: `conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: sourceArns }],`,
    to: "",
    caughtBy: "queuePolicies",
  },
  {
    name: "usage that the queue did not take is gone",
    file: "infra/usage-source.ts",
    from: "deadLetterConfig: { arn: deadLetters.Usage.arn },",
    to: "",
    caughtBy: "rules",
  },
  {
    name: "every function knows what buyers' tokens are signed with",
    file: "infra/function.ts",
    from: "link: secretsOf(name).map((secret) => secrets[secret]),",
    to: "link: Object.values(secrets),",
    caughtBy: "functions",
  },
  {
    name: "mail is sent in anybody's name",
    file: "infra/mail.ts",
    from: `conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [from] }],`,
    to: "",
    caughtBy: "roles",
  },
  {
    name: "usage is looked for under another name than is documented",
    file: manifest,
    from: `usageDetailType = "usage"`,
    to: `usageDetailType = "Usage"`,
    caughtBy: "rules",
  },
  {
    name: "the intake may confirm any topic of any account",
    file: "infra/notification.ts",
    from: `actions: ["sns:ConfirmSubscription"], resources: topics`,
    to: `actions: ["sns:ConfirmSubscription"], resources: ["*"]`,
    caughtBy: "roles",
  },
  {
    name: "a function reaches every table",
    file: "infra/permission.ts",
    from: "resources: [tables[table].arn]",
    to: `resources: ["*"]`,
    caughtBy: "roles",
  },
  {
    name: "whoever asks about access may change what is stored",
    file: "infra/lifecycle.ts",
    from: `open("access", [onTable("Lifecycle", ["GetItem"])`,
    to: `open("access", [onTable("Lifecycle", ["GetItem", "PutItem"])`,
    caughtBy: "roles",
  },
  {
    name: "anybody may ask who may use what",
    file: manifest,
    from: `routes: ["GET /access"], callers: "signed"`,
    to: `routes: ["GET /access"], callers: "anyone"`,
    caughtBy: "http",
  },
  {
    name: "doctor may look at every function of the account",
    file: "infra/doctor.ts",
    from: "resources: names.map((name) => $interpolate`arn:aws:lambda:us-east-1:${accountId}:function:${named(name)}`),",
    to: `resources: ["*"],`,
    caughtBy: "roles",
  },
  {
    name: "doctor may read what buyers are called",
    file: "infra/doctor.ts",
    from: `onTable("Metering", ["GetItem"]),`,
    to: `onTable("Metering", ["GetItem"]), onTable("Lifecycle", ["GetItem"]),`,
    caughtBy: "roles",
  },
  {
    name: "the meter acts for the seller in nothing",
    file: "packages/aws/src/seller/duty.ts",
    from: `metering: ["meter"],`,
    to: `metering: [],`,
    caughtBy: "roles",
  },
  {
    name: "everyone in the account may become a function",
    file: "infra/function.ts",
    from: "if (!$dev)",
    to: "if ($dev)",
    caughtBy: "roles",
  },
  {
    name: "SST's link grants everything on a table",
    file: "infra/function.ts",
    from: "link: secretsOf(name).map((secret) => secrets[secret]),",
    to: "link: [tables.Metering],",
    caughtBy: "roles",
  },
  {
    name: "production's tables can be deleted",
    file: "infra/storage.ts",
    from: "isPermanent($app.stage)",
    to: "!isPermanent($app.stage)",
    caughtBy: "tables",
  },
  {
    name: "a poisoned message returns for ever",
    file: "infra/queue.ts",
    from: "dlq: { queue: deadLetters[name].arn, retry: settings[name].maxReceives },",
    to: "",
    caughtBy: "queues",
  },
  {
    name: "a message is handled again while it is still being handled",
    file: manifest,
    from: "visibilitySeconds: 380",
    to: "visibilitySeconds: 60",
    caughtBy: "queues",
  },
  {
    name: "the comparison with AWS may run twice at once",
    file: manifest,
    from: "memoryMegabytes: 512,\n    alone: true,\n",
    to: "memoryMegabytes: 512,\n",
    caughtBy: "functions",
  },
  {
    name: "a failed tick of the meter is told to nobody",
    file: "infra/function.ts",
    from: "destinationConfig: { onFailure: { destination: deadLetters.Schedule.arn } },",
    to: "",
    caughtBy: "failedTicks",
  },
  {
    name: "the buyer's address is logged",
    file: "infra/http.ts",
    from: `status: "$context.status",`,
    to: `status: "$context.status", ip: "$context.identity.sourceIp",`,
    caughtBy: "http",
  },
  {
    name: "anyone on the internet may report usage",
    file: "infra/http.ts",
    from: ", { auth: { iam: true } }",
    to: "",
    caughtBy: "http",
  },
  {
    name: "a function may be run by a route that nobody wrote down",
    file: manifest,
    from: `routes: ["POST /usage"]`,
    to: `routes: ["POST /usage", "GET /usage"]`,
    caughtBy: "mayInvoke",
  },
  {
    name: "something new appears beside the stack",
    file: "infra/bus.ts",
    from: "/** Where",
    to: `new aws.sns.Topic("Extra");\n/** Where`,
    caughtBy: "census",
  },
  {
    name: "usage waits a day for the meter",
    file: manifest,
    from: `{ kind: "queue", queue: "Meter" },\n      { kind: "schedule", everyMinutes: 5 }`,
    to: `{ kind: "queue", queue: "Meter" },\n      { kind: "schedule", everyMinutes: 1440 }`,
    caughtBy: "schedules",
  },
  {
    name: "logs are kept, and paid for, for ever",
    file: "infra/stage.ts",
    from: `"3 months" as const`,
    to: `"forever" as const`,
    caughtBy: "logs",
  },
  {
    name: "the bus that the seller's services listen to is another one",
    file: "infra/bus.ts",
    from: `Bus("Bus")`,
    to: `Bus("Events")`,
    caughtBy: "buses",
  },
  {
    name: "removing production takes its tables along",
    file: "sst.config.ts",
    from: `isPermanent(stage) ? "retain" : "remove"`,
    to: `"remove"`,
    caughtBy: "app",
  },
  {
    name: "the installer is told the wrong registration address",
    file: "infra/http.ts",
    from: "/register`",
    to: "/`",
    caughtBy: "outputs",
  },
  {
    name: "usage is told as late only after ten hours",
    file: "infra/alarm-table.ts",
    from: `"OldestUsageHours", 1, `,
    to: `"OldestUsageHours", 10, `,
    caughtBy: "alarms",
  },
  {
    name: "alarms go off and nobody hears",
    file: "infra/alarm.ts",
    from: "alarmActions: [topic.arn],",
    to: "",
    caughtBy: "alarms",
  },
  {
    name: "a schedule that is gone passes for one with nothing to do",
    file: "infra/alarm-table.ts",
    from: `periods, missing: "breaching"`,
    to: `periods, missing: "notBreaching"`,
    caughtBy: "alarms",
  },
  {
    name: "one function that measures nothing silences the sum of all",
    file: "infra/alarm-input.ts",
    from: "`FILL(m${index}, 0)`",
    to: "`m${index}`",
    caughtBy: "alarms",
  },
  {
    name: "an alarm looks at a metric that AWS does not have",
    file: "infra/alarm-input.ts",
    from: `ofQueue("ApproximateAgeOfOldestMessage"`,
    to: `ofQueue("ApproximateAgeOfOldestMessages"`,
    caughtBy: "alarms",
  },
  {
    name: "anybody's service may raise the alarm",
    file: "infra/alarm.ts",
    from: `{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },`,
    to: "",
    caughtBy: "topics",
  },
  {
    name: "everybody may publish to the alarm topic",
    file: "infra/alarm.ts",
    from: `{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }`,
    to: `{ type: "AWS", identifiers: ["*"] }`,
    caughtBy: "topics",
  },
  {
    name: "the alarm topic is encrypted with a key that CloudWatch may not use",
    file: "infra/alarm.ts",
    from: `{ name: named("alarms") }`,
    to: `{ name: named("alarms"), kmsMasterKeyId: "alias/aws/sns" }`,
    caughtBy: "topics",
  },
  {
    name: "tracing is off",
    file: "infra/function.ts",
    from: `{ mode: "Active" }`,
    to: `{ mode: "PassThrough" }`,
    caughtBy: "functions",
  },
  {
    name: "a function may read every trace of the account",
    file: "infra/function.ts",
    from: `"xray:PutTelemetryRecords"]`,
    to: `"xray:PutTelemetryRecords", "xray:Get*"]`,
    caughtBy: "roles",
  },
  {
    name: "the watch, which reads, may write",
    file: "infra/watch.ts",
    from: `["GetItem", "BatchGetItem", "Query"]`,
    to: `["GetItem", "BatchGetItem", "Query", "PutItem"]`,
    caughtBy: "roles",
  },
  {
    name: "what was told cannot be replayed",
    file: "infra/bus.ts",
    from: "retentionDays: settingsOf($app.stage).archiveDays,",
    to: "retentionDays: 1,",
    caughtBy: "archives",
  },
  {
    name: "a replay hands usage in once more",
    file: "infra/bus.ts",
    from: `eventPattern: JSON.stringify({ "detail-type": [{ "anything-but": [usageDetailType] }] }),`,
    to: "eventPattern: JSON.stringify({}),",
    caughtBy: "archives",
  },
  {
    name: "there is no archive",
    file: "infra/bus.ts",
    from: `new aws.cloudwatch.EventArchive("Archive", `,
    to: `Object("Archive", `,
    caughtBy: "archives",
  },
  {
    name: "the dashboard shows a metric that does not exist",
    file: "infra/dashboard-body.ts",
    from: `ofFunctions("Duration", "p95")`,
    to: `ofFunctions("Durations", "p95")`,
    caughtBy: "dashboards",
  },
  {
    name: "money at risk is not on the dashboard",
    file: "infra/dashboard-body.ts",
    from: `gauges("OldestUsageHours", "OldestUnattributedHours")`,
    to: `gauges("OldestUnattributedHours")`,
    caughtBy: "dashboards",
  },
  {
    name: "the books are inspected every ten days",
    file: manifest,
    from: "everyMinutes: 1_440 }",
    to: "everyMinutes: 14_400 }",
    caughtBy: "schedules",
  },
];

describe("a mistake in the infrastructure", () => {
  // Each runs the whole program in a process of its own: two at once use what the other suites leave while they wait.
  it.concurrent.each(mutations)("is caught: $name", async ({ file, from, to, caughtBy }) => {
    const { errors, ...synthesis } = await synth("production", { overlay: edited(file, from, to) });
    // The program still runs, so it is the assertion that catches the mistake and not a crash.
    expect(errors).toEqual([]);
    const seen = picture({ errors, ...synthesis });
    expect(seen[caughtBy]).not.toEqual(expected("production", true)[caughtBy]);
  });

  it("has been tried against every section of the picture", () => {
    expect(new Set(mutations.map(({ caughtBy }) => caughtBy))).toEqual(
      new Set(Object.keys(expected("production", true))),
    );
  });
});

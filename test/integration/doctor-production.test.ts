import { examine } from "@tollhouse/core/doctor/examine";
import { functionChecks } from "@tollhouse/functions/doctor/function-checks";
import { installationOf } from "@tollhouse/functions/doctor/installation";
import { tableChecks } from "@tollhouse/functions/doctor/table-checks";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import configuration from "../../tollhouse.config.ts";
import {
  type FakeAccount,
  functionArn,
  queueUrl,
  serveAccount,
  soundAccount,
  tableName,
} from "./doctor-account.ts";

/** What only production has: Lambda, its queues and schedules, the alarms' topic, and tables that can be restored. */
const installation = installationOf(configuration, {
  stage: "production",
  place: "aws",
  tables: { Lifecycle: tableName("Lifecycle"), Metering: tableName("Metering") },
  queueUrls: {
    Intake: queueUrl("Intake"),
    Relay: queueUrl("Relay"),
    Entitlement: queueUrl("Entitlement"),
    Usage: queueUrl("Usage"),
    Fold: queueUrl("Fold"),
    Meter: queueUrl("Meter"),
  },
  busName: "tollhouse-production-BusBus",
  registrationUrl: "https://registration.example.com/register",
  longestVisibilitySeconds: Number.POSITIVE_INFINITY,
});

let account: Awaited<ReturnType<typeof serveAccount>>;
const variables = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
const before = variables.map((name) => [name, process.env[name]] as const);
beforeAll(async () => {
  account = await serveAccount();
  process.env["AWS_ENDPOINT_URL"] = account.url;
  process.env["AWS_ACCESS_KEY_ID"] = "TEST";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
});
afterEach(() => account.replace(soundAccount()));
afterAll(() => {
  account.close();
  for (const [name, value] of before)
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
});

const found = async () => {
  const ownAccount = () => Promise.resolve({ accountId: "444455556666", skewMs: 0 });
  const checks = [...tableChecks(installation), ...functionChecks(installation, ownAccount)];
  const findings = await examine(checks, { checksAtOnce: 8, within: (work) => work() });
  return findings.filter(({ status }) => status !== "pass");
};

it("finds nothing in a sound production, where a function has a variable of its own besides", async () => {
  expect(await found()).toEqual([]);
});

const change = (part: (account: FakeAccount) => unknown) => (sound: FakeAccount) => {
  part(sound);
  return sound;
};
const intake = "tollhouse-production-intake";
const relay = "tollhouse-production-relay";
const stack = /npx sst deploy --stage production/;

it.each([
  {
    name: "a function is gone",
    change: change(({ functions }) => Reflect.deleteProperty(functions, intake)),
    id: "functions.intake",
    finding: ["fail", /does not exist/, stack],
  },
  {
    name: "a function's deployment failed",
    change: change(({ functions }) => Object.assign(functions[intake] ?? {}, { LastUpdateStatus: "Failed" })),
    id: "functions.intake",
    finding: ["fail", /last deployment is Failed/, stack],
  },
  {
    name: "a function cannot start",
    change: change(({ functions }) => Object.assign(functions[intake] ?? {}, { State: "Failed" })),
    id: "functions.intake",
    finding: ["fail", /^It is Failed/, stack],
  },
  {
    name: "a function writes to another stage's table",
    change: change(({ functions }) =>
      Object.assign(functions[intake]?.Environment.Variables ?? {}, { LIFECYCLE_TABLE: "jane" }),
    ),
    id: "functions.intake",
    finding: ["fail", /^Its variable LIFECYCLE_TABLE is not what the stack sets\.$/, stack],
  },
  {
    name: "a function is stopped too early",
    change: change(({ functions }) => Object.assign(functions[intake] ?? {}, { Timeout: 3 })),
    id: "functions.intake",
    finding: ["fail", /stopped after 3 s, not 45 s/, stack],
  },
  {
    name: "nothing hands a queue's messages on",
    change: change(({ mappings }) => Reflect.deleteProperty(mappings, intake)),
    id: "functions.intake.queue",
    finding: ["fail", /Nothing hands it the messages of .*-Intake/, stack],
  },
  {
    name: "a queue's mapping was switched off",
    change: change(({ mappings }) => Object.assign(mappings[intake] ?? {}, { State: "Disabled" })),
    id: "functions.intake.queue",
    finding: ["fail", /is Disabled/, /update-event-source-mapping .*--enabled/],
  },
  {
    name: "Lambda deletes what failed with its batch",
    change: change(({ mappings }) => Object.assign(mappings[intake] ?? {}, { FunctionResponseTypes: [] })),
    id: "functions.intake.queue",
    finding: [
      "fail",
      /^The mapping .*-Intake lacks ReportBatchItemFailures: Lambda deletes messages that failed\.$/,
      stack,
    ],
  },
  {
    name: "a mapping that is off would lose what failed once it is on again",
    change: change(({ mappings }) =>
      Object.assign(mappings[intake] ?? {}, { FunctionResponseTypes: [], State: "Disabled" }),
    ),
    id: "functions.intake.queue",
    finding: [
      "fail",
      /lacks ReportBatchItemFailures.*is Disabled/,
      /sst deploy --stage production.*update-event-source-mapping .*--enabled/,
    ],
  },
  {
    name: "a schedule wakes another stage's function",
    change: change(({ schedules }) =>
      Object.assign(schedules[relay] ?? {}, {
        Target: { Arn: functionArn("relay").replace("production", "jane") },
      }),
    ),
    id: "functions.relay.schedule",
    finding: [
      "fail",
      /^It wakes .*:function:tollhouse-jane-relay, not .*:function:tollhouse-production-relay\.$/,
      stack,
    ],
  },
  {
    name: "a schedule is gone",
    change: change(({ schedules }) => Reflect.deleteProperty(schedules, relay)),
    id: "functions.relay.schedule",
    finding: ["fail", /does not exist/, stack],
  },
  {
    name: "a schedule was switched off and slowed down",
    change: change(({ schedules }) =>
      Object.assign(schedules[relay] ?? {}, { State: "DISABLED", ScheduleExpression: "rate(1 day)" }),
    ),
    id: "functions.relay.schedule",
    finding: ["fail", /is disabled; it runs at rate\(1 day\), not rate\(1 minute\)/, stack],
  },
  {
    name: "there is no topic for alarms",
    change: change((all) => (all.alarmSubscribers = undefined)),
    id: "functions.alarms",
    finding: ["warn", /no topic arn:aws:sns:us-east-1:444455556666:tollhouse-production-alarms/, stack],
  },
  {
    name: "nobody hears the alarms",
    change: change((all) => (all.alarmSubscribers = [])),
    id: "functions.alarms",
    finding: ["warn", /^Nobody is subscribed/, /aws sns subscribe .*-alarms --protocol email/],
  },
  {
    name: "who heard the alarms was unsubscribed",
    change: change((all) => (all.alarmSubscribers = ["Deleted"])),
    id: "functions.alarms",
    finding: ["warn", /^Nobody is subscribed/, /aws sns subscribe/],
  },
  {
    name: "who should hear the alarms has not confirmed",
    change: change((all) => (all.alarmSubscribers = ["PendingConfirmation"])),
    id: "functions.alarms",
    finding: ["warn", /has not confirmed/, /aws sns subscribe/],
  },
])(
  "names what does not hold when $name",
  async ({ change: broken, id, finding: [status, detail, remedy] }) => {
    account.replace(broken(soundAccount()));
    expect(await found()).toEqual([
      expect.objectContaining({
        id,
        status,
        detail: expect.stringMatching(detail as RegExp) as unknown,
        remedy: expect.stringMatching(remedy as RegExp) as unknown,
      }),
    ]);
  },
);

it("names both tables when they cannot be restored, and when they can be deleted", async () => {
  account.replace({ ...soundAccount(), recovery: "DISABLED", isProtected: false });
  expect((await found()).map(({ id, status }) => `${id} ${status}`)).toEqual([
    "tables.Lifecycle.recovery fail",
    "tables.Lifecycle.protection fail",
    "tables.Metering.recovery fail",
    "tables.Metering.protection fail",
  ]);
});

it("says of what it may not look at that the stack must let it, and still judges the rest", async () => {
  account.replace({
    ...soundAccount(),
    denied: ["lambda:ListEventSourceMappings"],
    alarmSubscribers: [],
  });
  const all = await found();
  const mappings = all.filter(({ id }) => id.endsWith(".queue"));
  expect(mappings).toHaveLength(6);
  for (const each of mappings)
    expect(each).toMatchObject({
      status: "unknown",
      detail: expect.stringMatching(/doctor may not call lambda:ListEventSourceMappings/) as unknown,
      remedy: expect.stringMatching(stack) as unknown,
    });
  expect(all.map(({ id }) => id)).toContain("functions.alarms");
});

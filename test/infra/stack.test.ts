import { entitlementCallsPerSecond } from "@tollhouse/aws/marketplace/pace";
import { functions, queues, type Source } from "@tollhouse/functions/manifest";
import { describe, expect, it } from "vitest";
import { expected } from "./expected.ts";
import { picture, type Picture } from "./picture.ts";
import { edited, synth } from "./synth/synth.ts";

const sections: Record<keyof Picture, string> = {
  app: "production refuses to be removed and keeps its tables; a personal stage goes whole",
  tables: "the tables have their keys, indexes, expiry and protection",
  queues: "every queue has its dead-letter queue, retention and visibility",
  queuePolicies:
    "only AWS Marketplace's topics and the seller's rule may fill the intake queue, and only our bus the usage queue",
  buses: "one bus tells the seller's services what happened",
  rules: "usage on the bus reaches the usage queue, or its dead-letter queue",
  functions: "the functions have their handlers, runtime, limits and environment",
  roles: "every role trusts one service and grants a written list, action by action",
  subscriptions: "a queue's batch returns its bad messages alone",
  schedules: "the schedules retry, and end in a dead-letter queue",
  failedTicks: "a tick that fails after its delivery ends in the same dead-letter queue",
  http: "registration answers its routes only, usage is taken of signed requests only; both throttled, and no personal data logged",
  mayInvoke: "each route of the two APIs may run its function, and nothing else",
  logs: "every log ends after its time",
  archives: "what was told can be replayed, and usage cannot",
  topics: "CloudWatch's alarms of this installation alone may publish to the alarm topic",
  alarms: "production alone has alarms, each with its limit, and each tells the topic",
  dashboards: "the dashboard shows everything that is measured, under the names it is measured by",
  census: "nothing else exists",
  outputs: "the installer learns what AWS Marketplace and the seller's services must know",
};

describe.each([
  { stage: "production", permanent: true },
  { stage: "jane", permanent: false },
])("the stack of stage $stage", async ({ stage, permanent }) => {
  const synthesis = await synth(stage);
  const seen = picture(synthesis);
  const wanted = expected(stage, permanent);

  it("synthesises without an error", () => {
    expect(synthesis.errors).toEqual([]);
  });

  it.each(Object.entries(sections) as [keyof Picture, string][])("%s: %s", (section) => {
    expect(seen[section]).toEqual(wanted[section]);
  });
});

describe("a deploy that must not begin", () => {
  it.each([
    {
      name: "production with another account's credentials",
      order: { stage: "production", account: "999999999999" },
      complaint: /account 999999999999, but production\.accountId .* is 444455556666/,
    },
    {
      name: "a stage too long for the roles' names",
      order: { stage: "jane-and-all-her-friends" },
      complaint: /use up to 20 letters/,
    },
    {
      name: "a configuration with a wrong field",
      order: {
        stage: "production",
        overlay: edited("tollhouse.config.ts", `accountId: "111122223333"`, `accountId: "1111"`),
      },
      complaint: /seller\.accountId: is no AWS account id/,
    },
  ])("$name makes nothing and says why", async ({ order: { stage, ...order }, complaint }) => {
    const { errors, resources } = await synth(stage, order);
    expect(errors.join("\n")).toMatch(complaint);
    expect(resources).toEqual([]);
  });

  it("a personal stage may live in any account", async () => {
    expect((await synth("jane", { account: "999999999999" })).errors).toEqual([]);
  });
});

describe("the manifest", () => {
  const fed = Object.entries(functions).flatMap(([name, { sources, timeoutSeconds }]) =>
    (sources as readonly Source[]).flatMap((source) =>
      source.kind === "queue" ? [{ name, queue: source.queue, timeoutSeconds }] : [],
    ),
  );

  it("feeds each queue to exactly one function", () => {
    expect(fed.map(({ queue }) => queue).sort()).toEqual(Object.keys(queues).sort());
  });

  it.each(fed)(
    "a message for $name stays hidden for six time-outs and the batch window",
    ({ queue, timeoutSeconds }) => {
      const { visibilitySeconds, batch } = queues[queue];
      expect(visibilitySeconds).toBeGreaterThanOrEqual(6 * timeoutSeconds + batch.windowSeconds);
    },
  );

  it("lets all functions together ask for entitlements no oftener than AWS takes of one account, 20 times a second", () => {
    expect(queues.Entitlement.maxConcurrency * entitlementCallsPerSecond).toBeLessThanOrEqual(20);
  });

  it.each(Object.entries(queues))("%s waits for a batch of more than 10, as AWS demands", (_, { batch }) => {
    expect(batch.size <= 10 || batch.windowSeconds >= 1).toBe(true);
  });
});

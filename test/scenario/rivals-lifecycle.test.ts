import { makeLogger } from "@tollhouse/aws/logging/logger";
import { takeNotification } from "@tollhouse/functions/intake/take-notification";
import { queueConsumer } from "@tollhouse/functions/queue-consumer";
import type { Entitlement } from "@tollhouse/core/entitlement/entitlement";
import { refreshEntitlements } from "@tollhouse/core/entitlement/refresh";
import { register, type ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import { customerKey } from "@tollhouse/core/lifecycle/subscription";
import {
  analyticsCode,
  at,
  buyerAccountId,
  customerIdentifier,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Context, SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";

/** What the AWS reference sample does wrong in the lifecycle, line by line, tried on the deployed intake with AWS's own messages. */
const topic = customerKey(mailerCode, customerIdentifier).id;
const license = licenseId as string as SubscriptionId;

const sns = (id: string, action: string, time: string, more: object = {}): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: id,
    TopicArn: `arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-${mailerCode}`,
    Timestamp: time,
    Message: JSON.stringify({
      action,
      "customer-identifier": customerIdentifier,
      "product-code": mailerCode,
      ...more,
    }),
  });

const licenseUpdated = JSON.stringify({
  version: "0",
  id: "event-1",
  "detail-type": "License Updated - Manufacturer",
  source: "aws.agreement-marketplace",
  time: "2026-08-20T10:00:00Z",
  detail: {
    agreement: { id: "agmt-1" },
    product: { id: "prod-1", code: analyticsCode },
    license: { arn: licenseArn },
    acceptor: { accountId: buyerAccountId },
  },
});

function world() {
  const { store } = memoryLifecycle();
  const quarantine = memoryQuarantine();
  const clock = fixedClock(at("2026-08-20T12:00:00Z"));
  const waker = { wake: () => Promise.resolve() };
  const ports = { store, clock, waker, confirmer: { confirm: () => Promise.resolve("confirmed" as const) } };
  const consumer = { logger: makeLogger(), measure: () => undefined, clock, quarantine };
  const consume = queueConsumer(consumer, "intake", (body) =>
    takeNotification(ports, exampleConfiguration, body),
  );
  /** Lambda hands over a batch; gives the messages that come back. */
  const receive = async (...bodies: string[]) => {
    const Records = bodies.map((body, index) => ({
      messageId: `m-${index}`,
      body,
      attributes: { ApproximateReceiveCount: "1" },
    }));
    const { batchItemFailures } = await consume({ Records } as unknown as SQSEvent, {} as Context);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const visit = (buyer: ResolvedBuyer, token = "token") =>
    register(
      { ...ports, resolver: { resolve: () => Promise.resolve({ buyer }) } },
      exampleConfiguration,
      token,
    );
  const read = (entitlements: readonly Entitlement[], time = "2026-08-20T12:00:00Z") =>
    refreshEntitlements(
      { ...ports, clock: fixedClock(at(time)), reader: { read: () => Promise.resolve(entitlements) } },
      exampleConfiguration,
      license,
    );
  return { store, quarantine, receive, visit, read, state: (id = topic) => store.currentSubscription(id) };
}

const mailerBuyer = { productCode: mailerCode, customerIdentifier, buyerAccountId };

describe("where the AWS reference sample goes wrong", () => {
  test("subscribe-success before registration: the registration erases nothing", async () => {
    const { receive, visit, state } = world();
    await receive(
      sns("1", "subscribe-success", "2026-08-20T10:00:00.000Z", { isFreeTrialTermPresent: "true" }),
    );
    await visit(mailerBuyer);
    expect(await state()).toMatchObject({
      registration: "registered",
      grant: { state: "active", since: at("2026-08-20T10:00:00Z") },
      freeTrial: true,
    });
  });

  test("a stale subscribe-success after unsubscribe-success: access stays ended", async () => {
    const { receive, state } = world();
    const stale = sns("1", "subscribe-success", "2026-08-20T10:00:00.000Z");
    await receive(stale, sns("2", "unsubscribe-pending", "2026-08-20T11:00:00.000Z"));
    await receive(sns("3", "unsubscribe-success", "2026-08-20T12:00:00.000Z"));
    await receive(stale);
    await receive(sns("4", "subscribe-success", "2026-08-20T10:30:00.000Z"));
    expect((await state())?.grant).toMatchObject({ state: "ended", cutAt: at("2026-08-20T11:00:00Z") });
  });

  test("“set up your account” again: subscription, entitlements and trial flag stay", async () => {
    const { receive, visit, read, state, store } = world();
    await receive(
      sns("1", "subscribe-success", "2026-08-20T10:00:00.000Z", { isFreeTrialTermPresent: "true" }),
      licenseUpdated,
    );
    await read([{ dimension: "seats", value: 10 }]);
    for (const token of ["first", "second", "third"]) {
      await visit(mailerBuyer, token);
      await visit({ productCode: analyticsCode, buyerAccountId, licenseArn }, token);
    }
    expect(await state()).toMatchObject({ grant: { state: "active" }, freeTrial: true });
    expect((await state(license))?.grant.state).toBe("active");
    expect((await store.loadEntitlements(license))?.entitlements).toEqual([
      { dimension: "seats", value: 10 },
    ]);
  });

  test("a poison message among ten: nine are taken once, the tenth is kept with its reason, none comes back", async () => {
    const { receive, state, quarantine } = world();
    const poison = '{"Type":"Notification","MessageId":"p","Message":"not json"';
    const bodies = Array.from({ length: 9 }, (_, index) =>
      sns(String(index), "entitlement-updated", "2026-08-20T10:00:00.000Z"),
    );
    bodies.splice(4, 0, poison);
    bodies[9] = sns("last", "subscribe-success", "2026-08-20T10:00:01.000Z");
    expect(await receive(...bodies)).toEqual([]);
    expect((await state())?.grant.state).toBe("active");
    const [kept, ...others] = await quarantine.list(at("2026-08-20T12:00:00Z"), 10);
    expect(others).toEqual([]);
    expect(await quarantine.get(kept?.id ?? "")).toMatchObject({
      body: poison,
      reason: expect.stringContaining("JSON") as string,
    });
  });

  test("two entitlements, the first expired: the second still counts, and AWS is asked before anything is taken away", async () => {
    const { receive, read, store } = world();
    await receive(licenseUpdated);
    const expired = { dimension: "a_seats", value: 5, expiresAt: at("2026-08-20T11:00:00Z") };
    const valid = { dimension: "b_support", value: "gold", expiresAt: at("2027-08-20T11:00:00Z") };
    await read([expired, valid]);
    expect((await store.loadEntitlements(license))?.entitlements).toEqual([expired, valid]);
    await read([valid], "2026-08-20T13:00:00Z");
    expect((await store.loadEntitlements(license))?.entitlements).toEqual([valid]);
  });
});

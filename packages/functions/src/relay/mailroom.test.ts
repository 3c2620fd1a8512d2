import type { Measured } from "@tollhouse/aws/metric/measure";
import type { EmailAddress } from "@tollhouse/core/contact/email-address";
import { giveEmail } from "@tollhouse/core/contact/give-email";
import type { MailSender } from "@tollhouse/core/contact/mail";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { at, buyerAccountId, example, exampleConfiguration } from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { fixedClock } from "@tollhouse/core/time/clock";
import { expect, test } from "vitest";
import { relayMailroom } from "./mailroom.ts";

const id = customerIdOf({ buyerAccountId });

async function world(send: MailSender["send"], elapsedMs?: () => number) {
  const { store } = memoryLifecycle();
  const clock = fixedClock(at("2026-08-20T14:23:11Z"));
  const waker = { wake: () => Promise.resolve() };
  await recordFact(
    { store, clock, waker },
    exampleConfiguration,
    example.registered("f-1", "2026-08-20T14:00:00Z"),
  );
  await giveEmail(
    { store, clock, waker, mails: true, drawCode: () => "code" },
    id,
    "jane@example.com" as EmailAddress,
  );
  const measured: Measured[] = [];
  const told: unknown[] = [];
  const logger = { warn: (...said: unknown[]) => void told.push(said) };
  const measure = (each: Measured) => void measured.push(each);
  const registrationUrl = "https://registration.example.com/register";
  const ports = { store, clock, sender: { send }, registrationUrl, logger, measure };
  const mailroom = relayMailroom(
    { ...ports, ...(elapsedMs !== undefined && { elapsedMs }) },
    exampleConfiguration.registrationPage,
  );
  return { mailroom, measured, told };
}

test("mail that nobody takes waits, is measured, told with its reason, and fails nothing", async () => {
  const { mailroom, measured, told } = await world(() => Promise.reject(new Error("verify the identity")));
  expect(await mailroom.deliver([id])).toEqual([]);
  expect(measured).toEqual([{ MailsLeft: 1 }]);
  expect(JSON.stringify(told)).toContain("verify the identity");
});

test("mail that is taken is told nowhere; mail that never will be is told once", async () => {
  const sent = await world(() => Promise.resolve("sent"));
  expect(await sent.mailroom.deliver([id])).toEqual([id]);
  expect([sent.measured, sent.told]).toEqual([[], []]);
  const refused = await world(() => Promise.resolve({ refused: "BadRequestException" }));
  expect(await refused.mailroom.deliver([id])).toEqual([id]);
  expect(refused.measured).toEqual([]);
  expect(JSON.stringify(refused.told)).toContain("given up: BadRequestException");
});

test("mail takes no more of the relay's time than ten seconds", async () => {
  const times = [0, 0, 10_000];
  const { mailroom, measured } = await world(
    () => Promise.resolve("sent"),
    () => times.shift() ?? 10_000,
  );
  expect(await mailroom.deliver([id, id])).toEqual([id]);
  expect(measured).toEqual([{ MailsLeft: 1 }]);
});

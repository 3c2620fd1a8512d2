import { describe, expect, test } from "vitest";
import { customerIdOf } from "../lifecycle/customer.ts";
import { recordFact } from "../lifecycle/record-fact.ts";
import { at, buyerAccountId, example, exampleConfiguration } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { eraseCustomer } from "../lifecycle/erase-customer.ts";
import { memoryQuarantine } from "../memory/quarantine.ts";
import { relayOutbox } from "../outbox/relay.ts";
import { laterBy } from "../time/instant.ts";
import { type EmailAddress, masked, parseEmailAddress } from "./email-address.ts";
import { confirmEmail, giveEmail } from "./give-email.ts";
import { confirmationMail, type Mail, type MailSender } from "./mail.ts";
import { confirmationMailroom } from "./send-confirmation.ts";

const id = customerIdOf({ buyerAccountId });
const jane = "jane@example.com" as EmailAddress;
const joe = "joe@example.com" as EmailAddress;
const minuteMs = 60_000;
const registrationUrl = "https://register.example.com/register";

async function world({ mails = true } = {}) {
  const { store, outbox } = memoryLifecycle();
  let now = at("2026-08-20T14:23:11Z");
  const clock = { now: () => Promise.resolve(now) };
  const waker = { wake: () => Promise.resolve() };
  let drawn = 0;
  const ports = { store, waker, clock, mails, drawCode: () => `code-${(drawn += 1)}` };
  await recordFact(ports, exampleConfiguration, example.registered("f-1", "2026-08-20T14:00:00Z"));
  const sent: Mail[] = [];
  let answer: () => ReturnType<MailSender["send"]> = () => Promise.resolve("sent");
  const sender: MailSender = {
    async send(mail) {
      const outcome = await answer();
      if (outcome === "sent") sent.push(mail);
      return outcome;
    },
  };
  const nothing = { request: <Id>(ids: readonly Id[]) => Promise.resolve(ids) };
  const page = exampleConfiguration.registrationPage;
  const troubles: string[] = [];
  let hasTime = () => true;
  const mailroom = confirmationMailroom(
    {
      ...{ store, sender, clock, registrationUrl },
      hasTime: () => hasTime(),
      onTrouble: (reason) => void troubles.push(reason),
    },
    page,
  );
  const relay = () =>
    relayOutbox({
      ...{ outbox, clock, mailroom, timekeeper: { pass: (moments) => Promise.resolve(moments) } },
      bus: { publish: (events) => Promise.resolve(events.map((event) => event.id)) },
      ...{ entitlementRequests: nothing, attributionRequests: nothing, meterRequests: nothing },
    });
  const contact = async () => (await store.loadCustomer(id))?.contact;
  return {
    ...{ ports, store, sent, relay, contact, mailroom, troubles },
    limit: (with_: () => boolean) => (hasTime = with_),
    give: (email: EmailAddress) => giveEmail(ports, id, email),
    confirm: (code: string) => confirmEmail(ports, id, code),
    erase: () => eraseCustomer({ store, clock, quarantine: memoryQuarantine() }, id),
    pass: (ms: number) => (now = laterBy(now, ms)),
    answer: (with_: typeof answer) => (answer = with_),
    register: (fact: string, time: string) =>
      recordFact(ports, exampleConfiguration, example.registered(fact, time)),
  };
}

const linkIn = (mail: Mail | undefined) => new URL(/https:\S+/.exec(mail?.text ?? "")?.[0] ?? "");

describe("an e-mail address that a buyer gives", () => {
  test("is written to once, with a link that confirms it", async () => {
    const { give, relay, sent, confirm, contact } = await world();
    await give(jane);
    await give(jane);
    await relay();
    await relay();
    expect(sent.map(({ to }) => to)).toEqual([jane]);
    const link = linkIn(sent[0]);
    expect(link.origin + link.pathname).toBe(`${registrationUrl}/confirm`);
    expect(link.searchParams.get("customer")).toBe(id);
    expect(await confirm("code-0")).toBe(false);
    expect((await contact())?.confirmedAt).toBeUndefined();
    expect(await confirm(link.searchParams.get("code") ?? "")).toBe(true);
    expect(await confirm(link.searchParams.get("code") ?? "")).toBe(true);
    expect((await contact())?.confirmedAt).toBeDefined();
  });

  test("that replaces another is the one that counts: the older link confirms nothing any more", async () => {
    const { give, relay, sent, confirm, contact } = await world();
    await give(jane);
    await relay();
    await give(joe);
    await relay();
    expect(sent.map(({ to }) => to)).toEqual([jane, joe]);
    expect(await confirm(linkIn(sent[0]).searchParams.get("code") ?? "")).toBe(false);
    expect(await confirm(linkIn(sent[1]).searchParams.get("code") ?? "")).toBe(true);
    await give(jane);
    // Confirmed was the other one.
    expect((await contact())?.confirmedAt).toBeUndefined();
  });

  test("given again after a minute is written to again, with the same link, until it is confirmed", async () => {
    const { give, relay, sent, confirm, pass } = await world();
    await give(jane);
    await relay();
    pass(minuteMs);
    await give(jane);
    await relay();
    expect(sent).toHaveLength(2);
    expect(linkIn(sent[0]).href).toBe(linkIn(sent[1]).href);
    await confirm(linkIn(sent[0]).searchParams.get("code") ?? "");
    pass(minuteMs);
    await give(jane);
    await relay();
    expect(sent).toHaveLength(2);
  });

  test("is refused after five mails of a day, so that nobody makes us write to strangers", async () => {
    const { give, relay, sent, pass } = await world();
    for (let stranger = 0; stranger < 6; stranger += 1) {
      await give(`stranger-${stranger}@example.com` as EmailAddress);
      await relay();
    }
    expect(sent).toHaveLength(5);
    expect(await give(jane)).toEqual({ kind: "refused", reason: "too-many" });
    // The one that is known may be given as often as anybody likes.
    expect(await give("stranger-4@example.com" as EmailAddress)).toMatchObject({ kind: "stored" });
    pass(24 * 60 * minuteMs);
    expect(await give(jane)).toMatchObject({ kind: "stored" });
  });

  test("stays when the buyer registers again, and goes when the customer is erased", async () => {
    const { give, contact, register, store, pass, relay, sent, ports, erase } = await world();
    await give(jane);
    await register("f-2", "2026-08-20T15:00:00Z");
    expect((await contact())?.email).toBe(jane);
    await recordFact(
      ports,
      exampleConfiguration,
      example.licenseDeprovisioned("f-3", "2026-08-20T15:00:00Z"),
    );
    await recordFact(ports, exampleConfiguration, example.windowElapsed("f-4", "2026-08-20T16:00:00Z"));
    pass(minuteMs);
    expect(await erase()).toMatchObject({ kind: "erased" });
    expect(JSON.stringify(await store.loadCustomer(id))).not.toContain("jane");
    await relay();
    expect(sent).toEqual([]);
    expect(await giveEmail(ports, id, jane)).toEqual({ kind: "refused", reason: "unknown-customer" });
  });

  test("is stored without a mail where none are sent", async () => {
    const { give, relay, sent, contact } = await world({ mails: false });
    await give(jane);
    await relay();
    expect(sent).toEqual([]);
    expect((await contact())?.email).toBe(jane);
  });

  test("of a customer whom nobody registered is refused", async () => {
    const { ports } = await world();
    expect(await giveEmail(ports, customerIdOf({ buyerAccountId: "999999999999" }), jane)).toEqual({
      kind: "refused",
      reason: "unknown-customer",
    });
  });

  test("confirms nothing after a week", async () => {
    const { give, relay, sent, confirm, pass } = await world();
    await give(jane);
    await relay();
    pass(7 * 24 * 60 * minuteMs);
    expect(await confirm(linkIn(sent[0]).searchParams.get("code") ?? "")).toBe(false);
  });
});

describe("a mail that cannot be sent", () => {
  test("now is sent later", async () => {
    const { give, relay, sent, answer, troubles } = await world();
    await give(jane);
    answer(() => Promise.reject(new Error("down")));
    expect(await relay()).toEqual({ done: 2, refused: 1 });
    expect(troubles).toEqual(["down"]);
    answer(() => Promise.resolve("sent"));
    await relay();
    expect(sent).toHaveLength(1);
  });

  test("holds up no other, however many fail", async () => {
    const { ports, store, sent, mailroom, answer } = await world();
    const ids = [];
    for (let buyer = 0; buyer < 6; buyer += 1) {
      const account = String(buyer).padStart(12, "8");
      const fact = example.registered(`f-${account}`, "2026-08-20T14:00:00Z", { buyerAccountId: account });
      await recordFact(ports, exampleConfiguration, fact);
      ids.push(customerIdOf({ buyerAccountId: account }));
      await giveEmail(
        ports,
        customerIdOf({ buyerAccountId: account }),
        `b${buyer}@example.com` as EmailAddress,
      );
    }
    let asked = 0;
    answer(() => ((asked += 1) <= 4 ? Promise.reject(new Error("down")) : Promise.resolve("sent")));
    expect(await mailroom.deliver(ids)).toEqual(ids.slice(4));
    expect(sent.map(({ to }) => to)).toEqual(["b4@example.com", "b5@example.com"]);
    expect((await store.loadCustomer(ids[0] ?? id))?.contact?.mailSentAt).toBeUndefined();
  });

  test("for lack of time waits; one call sends no more than 25", async () => {
    const { mailroom, limit } = await world();
    const many = Array.from({ length: 30 }, (_, place) => customerIdOf({ buyerAccountId: `n${place}` }));
    expect(await mailroom.deliver(many)).toHaveLength(25);
    let left = 2;
    limit(() => (left -= 1) >= 0);
    expect(await mailroom.deliver(many)).toHaveLength(2);
  });

  test("is not sent any more when its link would confirm nothing, or the address is confirmed", async () => {
    const late = await world();
    await late.give(jane);
    late.pass(7 * 24 * 60 * minuteMs);
    await late.relay();
    const confirmed = await world();
    await confirmed.give(jane);
    await confirmed.confirm("code-1");
    await confirmed.relay();
    expect([late.sent, confirmed.sent]).toEqual([[], []]);
  });

  test("is sent once by two who are asked one after the other", async () => {
    const { give, mailroom, sent } = await world();
    await give(jane);
    await mailroom.deliver([id]);
    await mailroom.deliver([id]);
    expect(sent).toHaveLength(1);
  });

  test("at all is given up, and the contact says so until another address is given", async () => {
    const { give, relay, sent, answer, contact } = await world();
    await give(jane);
    answer(() => Promise.resolve({ refused: "no such domain" }));
    await relay();
    expect((await contact())?.undeliverableAt).toBeDefined();
    answer(() => Promise.resolve("sent"));
    await relay();
    expect(sent).toEqual([]);
    await give(joe);
    expect((await contact())?.undeliverableAt).toBeUndefined();
  });
});

test("a confirmation mail cannot be made to hold anybody's markup, and names support and what comes next", () => {
  const page = {
    ...exampleConfiguration.registrationPage,
    sellerName: "A & B <script>",
    texts: { nextSteps: "We will call you." },
  };
  const mail = confirmationMail(page, jane, "https://x.example/confirm?a=1&b=2");
  expect(mail.html).not.toContain("<script>");
  expect(mail.html).toContain('href="https://x.example/confirm?a=1&amp;b=2"');
  for (const body of [mail.text, mail.html]) {
    expect(body).toContain("We will call you.");
    expect(body).toContain(page.supportContact);
  }
});

describe("what somebody typed as an address", () => {
  test.each([
    "",
    "  ",
    "jane",
    "jane@",
    "jane@example.com\nBcc: x@example.com",
    `${"j".repeat(250)}@example.com`,
  ])("%j is refused in words", (typed) => {
    expect(parseEmailAddress(typed)).toHaveProperty("refused");
  });

  test("is taken without the blanks around it, and masked for whoever comes next", () => {
    const parsed = parseEmailAddress("  jane.doe@example.com ");
    expect(parsed).toBe("jane.doe@example.com");
    expect(masked(parsed as EmailAddress)).toBe("j•••@example.com");
  });
});

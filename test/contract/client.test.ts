import { generateKeyPairSync } from "node:crypto";
import { createAccess } from "@tollhouse/client/access";
import { type LifecycleEvent, parseLifecycleEvent } from "@tollhouse/client/events";
import { signForAws } from "@tollhouse/client/sign";
import { createTokenVerifier } from "@tollhouse/client/token";
import { createUsagePublisher, type UsagePublisherOptions } from "@tollhouse/client/usage";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { type Refusal, refusals } from "@tollhouse/core/access/access";
import type { Entitlement } from "@tollhouse/core/entitlement/entitlement";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import {
  analyticsCode,
  at,
  buyerAccountId,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
} from "@tollhouse/core/memory/example";
import { licenseFact, marketFact, topicFact } from "@tollhouse/core/memory/history";
import { lifecycleWorld } from "@tollhouse/core/memory/lifecycle-world";
import { customerEvent, type OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import { fixedClock } from "@tollhouse/core/time/clock";
import { instant } from "@tollhouse/core/time/instant";
import { accessSite } from "@tollhouse/functions/access/site";
import { usageSite } from "@tollhouse/functions/collector/site";
import { makeTokens } from "@tollhouse/functions/registration/token";
import { claimOf, verifySignature } from "@tollhouse/simulator/server/signature";
import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import * as z from "zod";

afterEach(() => vi.restoreAllMocks());

const now = at("2026-08-20T14:30:00Z");

function quietLogger() {
  const logger = makeLogger();
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(logger, level).mockReturnValue(undefined);
  return logger;
}

describe("the client's usage publisher, before the real door", () => {
  /** A publisher whose requests go to the collector in this process; `put` is its queue. */
  function world(put: (bodies: readonly string[]) => Promise<readonly boolean[]>) {
    const ports = { clock: fixedClock(now), queue: { put } };
    const site = usageSite(ports, exampleConfiguration, quietLogger());
    const refused: string[] = [];
    const options: UsagePublisherOptions = {
      ...{ url: "http://door.example.com/usage", source: "mailer", now: () => now },
      fetch: (url, init) => Promise.resolve(site.request(new Request(url, init))),
      pause: () => new Promise(setImmediate),
      onRefused: ({ id }, reason) => refused.push(`${id}: ${reason}`),
      onTrouble: () => undefined,
    };
    return { publisher: createUsagePublisher(options), refused };
  }
  const usage = (id: string, quantity = "1") => ({
    id,
    time: new Date(now),
    subject: licenseId,
    dimension: "gb_stored",
    quantity,
  });

  test("has every event of an order that the queue loses half of stored, and hears why one is refused", async () => {
    const stored: string[] = [];
    let calls = 0;
    const { publisher, refused } = world((bodies) => {
      calls += 1;
      // The first time, nothing is known of anything, and all the same it is stored.
      stored.push(
        ...bodies.flatMap((body) =>
          z
            .array(z.object({ id: z.string() }))
            .parse(JSON.parse(body))
            .map(({ id }) => id),
        ),
      );
      return Promise.resolve(bodies.map(() => calls > 1));
    });
    const late = { ...usage("late"), time: "2026-01-01T00:00:00Z" };
    const tagged = { ...usage("tagged"), tags: { "no!": "x" } };
    const many = Array.from({ length: 2_500 }, (_, index) => usage(`e-${index}`, "12.000001"));
    const outcome = await publisher.publishAll([...many, late, tagged]);
    expect(outcome).toMatchObject({ accepted: 2_500, left: [] });
    expect(new Set(stored)).toEqual(new Set(many.map(({ id }) => id)));
    expect(refused).toEqual([
      expect.stringMatching(/^late: .* more than 35 days ago/),
      expect.stringMatching(/^tagged: data\.tags/),
    ]);
  });

  test("offers nothing that the door finds too large, nor longer than it takes", async () => {
    const { publisher, refused } = world((bodies) => Promise.resolve(bodies.map(() => true)));
    const large = Array.from({ length: 9 }, (_, index) => ({
      ...usage(`e-${index}`),
      subject: licenseId,
      // 250 kB, ignored by the door but carried.
      tags: { team: "x".repeat(250_000) },
    }));
    const { accepted } = await publisher.publishAll(large);
    // Read, each, and refused for what it says.
    expect(accepted).toBe(0);
    expect(refused.every((line) => line.includes("data.tags"))).toBe(true);
    expect(refused.length).toBe(9);
  });
});

describe("the client's access, before the real door", () => {
  const seats: Entitlement = { dimension: "seats", value: 5, expiresAt: at("2027-08-20T00:00:00Z") };

  async function world() {
    const lifecycle = lifecycleWorld({ entitlementsAt: () => [seats], startsAt: now });
    await lifecycle.record(example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"));
    await lifecycle.record(example.registered("f-2", "2026-08-20T10:01:00Z", { reference: "acme" }));
    await lifecycle.work();
    const site = accessSite(
      { store: lifecycle.store, clock: fixedClock(now) },
      exampleConfiguration,
      quietLogger(),
    );
    const access = createAccess({
      ...{ url: "http://door.example.com/access", now: () => now },
      fetch: (url, init) => Promise.resolve(site.request(new Request(url, init))),
    });
    return { access };
  }

  test("reads its whole answer, by every name of the buyer", async () => {
    const { access } = await world();
    const customerId = customerIdOf({ buyerAccountId });
    for (const subject of [licenseId, licenseArn, customerId, "acme"])
      expect(await access.access(subject, { product: analyticsCode })).toMatchObject({
        ...{ allowed: true, metered: ["events_ingested", "gb_stored"], stale: false },
        entitlements: [{ dimension: "seats", value: 5, expired: false, subscriptionId: licenseId }],
        products: [{ productCode: analyticsCode, subscriptions: [{ customerId, version: 2 }] }],
      });
    const nobody = await access.access("nobody");
    expect(nobody).toMatchObject({
      allowed: false,
      reason: "unknown-subject",
      explanation: refusals["unknown-subject"],
    });
    const unclear = await access.access("acme", { product: "not-ours" });
    expect(unclear).toMatchObject({
      allowed: false,
      reason: "unknown",
      error: expect.stringContaining("400") as string,
    });
  });

  test("knows every reason that the door may give, by type", () => {
    type Known = NonNullable<Awaited<ReturnType<ReturnType<typeof createAccess>["access"]>>["reason"]>;
    expectTypeOf<Exclude<Known, "unknown" | "other">>().toEqualTypeOf<Refusal>();
  });
});

describe("events", () => {
  const rows = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 10 });

  test.each([
    ["one license", licenseFact],
    ["one customer identifier", topicFact],
    ["a market", marketFact],
  ])("of %s are all read by the client, whole", async (_, factOf) => {
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const sold = ({ id }: { readonly id: SubscriptionId }) => [
          { dimension: "seats", value: id.length, expiresAt: at("2027-08-20T00:00:00Z") },
        ];
        const { record, settle, heard } = lifecycleWorld({ entitlementsAt: sold });
        for (const fact of drawn.map(factOf)) await record(fact);
        await settle();
        for (const event of heard)
          expect(parseLifecycleEvent(JSON.stringify(event))).toEqual({ kind: "event", event });
      }),
      { numRuns: 50 },
    );
  });

  test("of a customer who is erased are read", () => {
    const id = customerIdOf({ buyerAccountId });
    const erased = { id, version: 2, registeredAt: now, erasedAt: instant(now + 1) };
    const event = customerEvent("customer.erased", erased, now);
    expect(parseLifecycleEvent(event)).toEqual({ kind: "event", event });
  });

  test("have the same type here and there", () => {
    expectTypeOf<OutgoingEvent>().toExtend<LifecycleEvent>();
    expectTypeOf<LifecycleEvent>().toExtend<OutgoingEvent>();
  });
});

describe("a signature of the client", () => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session" };

  test.each([
    ["GET", "https://api.example.com/access?subject=arn%3Aaws%3A%3Al-1&product=a%2Fb", undefined],
    ["POST", "https://api.example.com/usage", '[{"id":"é"}]'],
  ] as const)("of a %s is one that AWS would take", async (method, url, body) => {
    const sign = signForAws(() => Promise.resolve(credentials));
    const unsigned = { method, url, headers: { "content-type": "application/json" } };
    const signed = await sign({ ...unsigned, ...(body !== undefined && { body }) });
    const headers = { host: new URL(url).host, ...Object.fromEntries(signed) };
    const request = { method, url: new URL(url), headers, body: Buffer.from(body ?? "") };
    const claim = claimOf(request);
    expect(claim).toMatchObject({ accessKeyId: "AKIDEXAMPLE", region: "us-east-1", service: "execute-api" });
    expect(claim.sessionToken).toBe("session");
    expect(claim.signedHeaders).toContain("x-amz-security-token");
    const machineNow = Date.now();
    verifySignature(request, claim, "secret", machineNow);
    expect(() => verifySignature(request, claim, "another", machineNow)).toThrow("does not match");
    const elsewhere = { ...request, body: Buffer.from("[]") };
    expect(() => verifySignature(elsewhere, claim, "secret", machineNow)).toThrow();
  });
});

test("a token that the registration page signs lets the buyer in, at the page that it was made for", async () => {
  const issuer = "https://register.example.com";
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = z.object({
    kty: z.literal("EC"),
    crv: z.literal("P-256"),
    x: z.string(),
    y: z.string(),
    d: z.string(),
  });
  const tokens = await makeTokens([key.parse(privateKey.export({ format: "jwk" }))], issuer);
  const fetchKeys = () => Promise.resolve(Response.json(tokens.published));
  const customerId = customerIdOf({ buyerAccountId });
  const buyer = {
    customerId,
    productCode: analyticsCode,
    email: "ops@example.com",
    emailVerified: false,
    licenseArn,
  };
  const token = await tokens.signBuyer(buyer, "https://app.example.com");
  const verifier = (audience: string) => createTokenVerifier({ issuer, audience, fetch: fetchKeys });
  expect(await verifier("https://app.example.com")(token)).toMatchObject({ kind: "verified", buyer });
  expect(await verifier("https://other.example.com")(token)).toMatchObject({ reason: "wrong-audience" });
  const visit = await tokens.signVisit({ customerId, productCode: analyticsCode });
  expect(await verifier("https://app.example.com")(visit)).toMatchObject({ reason: "wrong-kind" });
});

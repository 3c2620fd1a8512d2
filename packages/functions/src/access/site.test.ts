import { makeLogger } from "@tollhouse/aws/logging/logger";
import type { AccessPorts } from "@tollhouse/core/access/ask";
import type { Entitlement } from "@tollhouse/core/entitlement/entitlement";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import {
  analyticsCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "@tollhouse/core/memory/example";
import { lifecycleWorld } from "@tollhouse/core/memory/lifecycle-world";
import { fixedClock } from "@tollhouse/core/time/clock";
import { afterEach, describe, expect, test, vi } from "vitest";
import { accessSite } from "./site.ts";

afterEach(() => vi.restoreAllMocks());

const now = at("2026-08-20T15:00:00Z");
const customerId = customerIdOf({ buyerAccountId });
const seats: Entitlement = { dimension: "seats", value: 5, expiresAt: at("2026-08-20T15:00:20.500Z") };

/** A door behind which one customer has two products. */
async function door(change: (store: AccessPorts["store"]) => AccessPorts["store"] = (store) => store) {
  const world = lifecycleWorld({ entitlementsAt: () => [seats], startsAt: at("2026-08-20T14:00:00Z") });
  await world.record(example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"));
  await world.record(example.registered("f-2", "2026-08-20T10:01:00Z"));
  await world.record(example.subscribeSucceeded("f-3", "2026-08-20T10:02:00Z"));
  await world.record(
    example.registered("f-4", "2026-08-20T10:03:00Z", {
      ...{ productCode: mailerCode, customerIdentifier, licenseArn: undefined },
    }),
  );
  await world.work();
  const logger = makeLogger();
  const logged: unknown[] = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(logger, level).mockImplementation((...args: unknown[]) => void logged.push(args));
  const ports = { store: change(world.store), clock: fixedClock(now) };
  const site = accessSite(ports, exampleConfiguration, logger);
  const ask = async (query: string, init?: RequestInit) => {
    const response = await site.request(`/access${query}`, init);
    const cache = response.headers.get("cache-control");
    return { status: response.status, cache, headers: response.headers, answer: await response.json() };
  };
  return { ask, logged };
}

describe("a question", () => {
  test("about a license is answered with all that may be used, and how old that is", async () => {
    const { ask } = await door();
    const { status, answer } = await ask(
      `?subject=${encodeURIComponent(licenseArn)}&product=${analyticsCode}`,
    );
    expect(status).toBe(200);
    expect(answer).toEqual({
      ...{ subject: licenseArn, allowed: true, asOf: "2026-08-20T15:00:00.000Z" },
      products: [
        {
          ...{
            productCode: analyticsCode,
            title: "Example Analytics",
            allowed: true,
            plans: [],
            features: [],
          },
          ...{ metered: ["events_ingested", "gb_stored"], holdsUntil: "2026-08-20T15:00:20.500Z" },
          subscriptions: [
            {
              ...{ subscriptionId: licenseId, customerId, allowed: true, plans: [], features: [] },
              ...{ metered: ["events_ingested", "gb_stored"], holdsUntil: "2026-08-20T15:00:20.500Z" },
              ...{ registered: true, freeTrial: false, version: 2 },
              grant: { state: "active", since: "2026-08-20T10:00:00.000Z" },
              entitlements: [
                { dimension: "seats", value: 5, expiresAt: "2026-08-20T15:00:20.500Z", expired: false },
              ],
              entitlementsReadAt: "2026-08-20T14:00:00.000Z",
            },
          ],
        },
      ],
    });
  });

  test.each([
    ["a yes", `${mailerCode}/${customerIdentifier}`, "60"],
    ["a yes that may soon be over, no longer than it holds", licenseId, "20"],
    ["a no", "nobody", "5"],
  ])("whose answer is %s may be kept so long, by who asked", async (_, subject, seconds) => {
    const { ask } = await door();
    expect((await ask(`?subject=${subject}`)).cache).toBe(`private, max-age=${seconds}`);
  });

  test("about a customer with several products names one, and gets an answer for each without", async () => {
    const { ask } = await door();
    const { answer } = await ask(`?subject=${customerId}`);
    expect(answer).toMatchObject({
      ...{
        allowed: false,
        reason: "several-products",
        explanation: expect.stringContaining("name the one") as string,
      },
      products: [
        { productCode: analyticsCode, allowed: true },
        { productCode: mailerCode, allowed: true },
      ],
    });
    expect((await ask(`?subject=${customerId}&product=${mailerCode}`)).answer).toMatchObject({
      allowed: true,
    });
  });

  test("about somebody unknown is a no", async () => {
    const { ask } = await door();
    expect(await ask("?subject=l-99999999999999999999")).toMatchObject({
      status: 200,
      answer: { allowed: false, reason: "unknown-subject", products: [] },
    });
  });

  test.each([
    ["", "subject is empty"],
    ["?subject=", "subject is empty"],
    [`?subject=${"x".repeat(257)}`, "subject is longer than 256 characters"],
    ["?subject=a&subject=b", "names each thing once"],
    ["?subject=a&product=", "product is empty"],
    ["?subject=a&product=unknown", "no product of tollhouse.config.ts"],
  ])("that is unclear (%s) is refused with the reason", async (query, reason) => {
    const { ask } = await door();
    const { status, cache, answer } = await ask(query);
    expect([status, cache]).toEqual([400, "no-store"]);
    expect((answer as { reason: string }).reason).toContain(reason);
  });

  test("elsewhere, or posted, finds nobody", async () => {
    const { ask } = await door();
    expect((await ask("/more?subject=a")).status).toBe(404);
    expect((await ask("?subject=a", { method: "POST" })).status).toBe(404);
  });
});

test("what cannot be known is a failure that says nothing of who may use what, and is kept by nobody", async () => {
  const { ask, logged } = await door((store) => ({
    ...store,
    loadEntitlements: () => Promise.reject(new Error("the table is out of reach")),
  }));
  const { status, cache, headers, answer } = await ask(`?subject=${licenseId}`);
  expect([status, cache, headers.get("retry-after")]).toEqual([503, "no-store", "2"]);
  expect(Object.keys(answer as object)).toEqual(["code", "reason"]);
  expect(JSON.stringify(answer)).not.toContain("table");
  expect(JSON.stringify(logged)).toContain("Who may use what could not be told");
});

test("no subject comes into a log", async () => {
  const { ask, logged } = await door();
  await ask(`?subject=${licenseId}`);
  expect(JSON.stringify(logged)).toContain("Access asked");
  expect(JSON.stringify(logged)).not.toContain(licenseId);
});

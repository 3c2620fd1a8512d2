import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type Agreement, type Outside, outside } from "../integration/outside.ts";
import { hasJava } from "../java.ts";
import { launchBrowser } from "./browser.ts";
import { hasChromium } from "./chromium.ts";
import { inspect } from "./inspect.ts";
import { openWorld } from "./world.ts";

const suite = "the example of a seller's app";
const mailer = "n0123examplemailer0000000";
const analytics = "c0456exampleanalytics0000";
const usedSchema = z.object({ subject: z.string(), used: z.record(z.string(), z.string()) });
const hidden = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]*?value="([^"]*)"`).exec(html)?.[1] ?? "";

describe.runIf(await hasJava(suite))(suite, () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let door: Outside;
  let app = "";

  beforeAll(async () => {
    world = await openWorld({ withExample: true });
    door = outside(world.places);
    app = world.places.exampleUrl ?? "";
  });
  afterAll(async () => {
    door.close();
    await world.close();
  });

  const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(url, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(fields) });

  /** As a browser is led from AWS's form through the registration page into the app. Gives who is in. */
  async function comeIn({ registrationToken }: Agreement): Promise<string> {
    const { origin } = new URL(world.places.registrationUrl);
    const page = await (
      await post(world.places.registrationUrl, { "x-amzn-marketplace-token": registrationToken })
    ).text();
    const fields = { visit: hidden(page, "visit"), email: "jane@example.com", to: "product" };
    const onward = await (await post(`${origin}/register/continue`, fields, { origin })).text();
    expect(onward).toContain(`action="${app}/welcome"`);
    const entered = await post(`${app}/welcome`, { "tollhouse-token": hidden(onward, "tollhouse-token") });
    expect(entered.status).toBe(303);
    return (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }

  function person(cookie: string) {
    const headers = { cookie, origin: app };
    return {
      use: async (dimension: string, quantity: string) =>
        (await post(`${app}/use`, { dimension, quantity }, headers)).status,
      page: async () => (await fetch(app, { headers })).text(),
      used: async () => usedSchema.parse(await (await fetch(`${app}/used`, { headers })).json()),
    };
  }

  /** What buyers are charged, by license and dimension. */
  async function billed(): Promise<Record<string, string>> {
    const { totals } = await door.bill();
    return Object.fromEntries(
      totals.map(({ licenseArn, dimension, quantity }) => [`${licenseArn} ${dimension}`, String(quantity)]),
    );
  }

  it("bills exactly what it used in a day on the fast clock, of an old and a new listing, to the last hour", async () => {
    // While the clock stands AWS confirms nothing.
    await door.setClock({ rate: 0 });
    const agreements = {
      mailer: await door.subscribe({ productCode: mailer, buyerAccountId: "777777777771" }),
      analytics: await door.subscribe({
        productCode: analytics,
        buyerAccountId: "777777777772",
        entitlements: [{ dimension: "seats", value: 10 }],
      }),
    };
    const mails = person(await comeIn(agreements.mailer));
    const events = person(await comeIn(agreements.analytics));
    // It serves nobody whose subscription AWS has not confirmed.
    expect(await mails.use("emails_sent", "1")).toBe(403);
    await door.setClock({ rate: 1, advanceSeconds: 120 });
    await vi.waitFor(
      async () => {
        expect(await mails.page()).toContain("In force");
        expect(await events.page()).toContain("Bought: seats: 10");
      },
      { timeout: 40_000, interval: 500 },
    );

    /** A day passes within seconds, and usage takes as long as ever to be stored: it is not to be late by that. */
    const arrived = async (isThere: (waiting: readonly string[]) => boolean) => {
      await Promise.all([mails.used(), events.used()]);
      await vi.waitFor(async () => expect(isThere(await door.waiting())).toBe(true), {
        timeout: 40_000,
        interval: 50,
      });
    };
    for (let hour = 0; hour < 24; hour += 1) {
      expect(await mails.use("emails_sent", String(hour * 7))).toBe(303);
      expect(await events.use("events_ingested", `${hour * 100}.25`)).toBe(303);
      if (hour % 3 === 0) expect(await events.use("gb_stored", "2.5")).toBe(303);
      await arrived((waiting) => !waiting.includes("Usage"));
      await door.setClock({ advanceSeconds: 3_600 });
    }
    expect(await mails.use("emails_sent", "5")).toBe(303);
    expect(await events.use("events_ingested", "2")).toBe(303);
    const counted = [await mails.used(), await events.used()];
    expect(counted.map(({ used }) => used)).toEqual([
      { emails_sent: "1937" },
      { events_ingested: "27608", gb_stored: "20" },
    ]);
    await arrived((waiting) => waiting.length === 0);
    await door.setClock({ advanceSeconds: 60 });
    for (const { agreementId } of Object.values(agreements)) await door.cancel(agreementId);
    await door.setClock({ rate: 120 });
    const used = {
      [`${agreements.mailer.licenseArn} emails_sent`]: "1937",
      [`${agreements.analytics.licenseArn} events_ingested`]: "27608",
      [`${agreements.analytics.licenseArn} gb_stored`]: "20",
    };
    await vi.waitFor(async () => expect(await billed()).toEqual(used), { timeout: 60_000, interval: 500 });
    // Who has left is served no more, and is told so.
    await vi.waitFor(async () => expect(await mails.use("emails_sent", "1")).toBe(403), {
      timeout: 40_000,
      interval: 500,
    });
    expect(await mails.page()).toMatch(/subscription\.(cancelling|ended)/);
    expect(await billed()).toEqual(used);
    await door.setClock({ rate: 1 });
  }, 240_000);

  it("lets nobody in by a token of its own making, by one that was used before, or by none", async () => {
    const agreement = await door.subscribe({ productCode: mailer, buyerAccountId: "777777777773" });
    const { origin } = new URL(world.places.registrationUrl);
    const page = await (
      await post(world.places.registrationUrl, {
        "x-amzn-marketplace-token": agreement.registrationToken,
      })
    ).text();
    const onward = await (
      await post(`${origin}/register/continue`, { visit: hidden(page, "visit"), to: "login" }, { origin })
    ).text();
    const token = hidden(onward, "tollhouse-token");
    const tries = [`${token}x`, "", hidden(page, "visit"), token, token];
    const answers = [];
    for (const each of tries) answers.push((await post(`${app}/login`, { "tollhouse-token": each })).status);
    expect(answers).toEqual([400, 400, 400, 303, 400]);
  });

  it.runIf(hasChromium(suite))("can be used by all, in each look", async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.openPage({ scheme: "light", width: "wide" });
      await page.goto(app);
      await inspect(page, "example-visited");
      await page.goto(world.places.storefrontUrl);
      await page.getByRole("listitem").filter({ hasText: "Example Analytics" }).getByRole("link").click();
      await page.getByRole("button", { name: "Accept the offer" }).click();
      await page.getByRole("button", { name: "Set up your account" }).click();
      await page.getByLabel("Your e-mail address").fill("jane@example.com");
      await door.setClock({ advanceSeconds: 120 });
      await page.getByRole("heading", { name: "Your subscription is active" }).waitFor();
      await page.getByRole("button", { name: "Continue to Example Software" }).click();
      await page.getByRole("heading", { name: "Example Analytics" }).waitFor();
      await vi.waitFor(
        async () => {
          await page.reload();
          expect(await page.getByText("In force", { exact: true }).count()).toBe(1);
        },
        { timeout: 40_000, interval: 500 },
      );
      await page.getByRole("button", { name: "Use 2.5 of Events ingested" }).click();
      await page.locator('output[data-dimension="events_ingested"]', { hasText: "2.5" }).waitFor();
      await inspect(page, "example-workspace");
    } finally {
      await browser.close();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Outside, outside } from "../integration/outside.ts";
import { launchBrowser, type Look, type TestBrowser } from "./browser.ts";
import { buyer } from "./buyer.ts";
import { inspect } from "./inspect.ts";
import { canShow, openWorld } from "./world.ts";

const oneDayMs = 86_400_000;
const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

describe.runIf(await canShow("the storefront in a browser"))("the storefront", () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let browser: TestBrowser;
  let door: Outside;

  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), launchBrowser()]);
    door = outside(world.places);
  });
  afterAll(async () => {
    door.close();
    await Promise.all([browser.close(), world.close()]);
  });
  const enter = async (look: Look, withScripts = true) =>
    buyer(await browser.openPage(look, withScripts), world.places.storefrontUrl);
  const reportUsage = async (subject: string, quantity: string) => {
    const event = {
      ...{ specversion: "1.0", id: `e2e-${quantity}`, source: "e2e", type: "usage", subject },
      time: new Date(await door.now()).toISOString(),
      data: { dimension: "emails_sent", quantity, tags: { team: "growth" } },
    };
    const headers = { "content-type": "application/json" };
    return fetch(world.places.usageUrl, { method: "POST", headers, body: JSON.stringify(event) });
  };

  it("takes a buyer of an old listing from the offer to the seller's page, and shows the bill as it grows", async () => {
    const person = await enter({ scheme: "light", width: "wide" });
    const { page, press, open } = person;
    await open("/faults");
    const throttled = page.getByRole("listitem").filter({ hasText: "Calls are throttled" });
    await throttled.getByLabel("Of").selectOption("BatchMeterUsage");
    await throttled.getByRole("button", { name: "strike next" }).click();
    await person.row("Calls are throttled", "BatchMeterUsage", "the next time", "0 times");
    await inspect(page, "storefront-faults");
    await open();
    await inspect(page, "storefront-listings");

    const { account, agreement } = await person.subscribe("Example Mailer");
    await page.getByRole("status").filter({ hasText: "The offer is accepted." }).waitFor();
    const customer = await person.named("Customer identifier");
    await inspect(page, "storefront-agreement-new");
    await press("Set up your account");
    await page.waitForURL(`${new URL(world.places.registrationUrl).origin}/**`);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).not.toBe("");

    await page.goto(new URL(agreement, world.places.storefrontUrl).href);
    await press("+5 min");
    await person.state("Active");
    await vi.waitFor(async () => expect(await door.waiting()).toEqual([]), { timeout: 30_000 });
    expect((await reportUsage(`n0123examplemailer0000000/${customer}`, "12")).ok).toBe(true);
    await open("/bill");
    await press("Next hour");
    await press("60×");
    const line = page.locator(".line", { hasText: account });
    await line.locator(".quantity b", { hasText: /^12$/ }).waitFor();
    await line.getByRole("listitem").filter({ hasText: "team = growth" }).waitFor();
    await inspect(page, "storefront-bill");

    await open("/seller");
    await person.row("Who is the buyer with this token?", "Answered", "tollhouse-registration");
    await person.row("Bill this usage", "Too many calls", "fault: throttle");
    await inspect(page, "storefront-seller");
    await open("/faults");
    await person.row("Calls are throttled", "done", "1 time");
    await press("1×");
  });

  it("lets everything go wrong at once, and refuses a buyer without losing what was filled in", async () => {
    const person = await enter({ scheme: "light", width: "narrow" });
    const { page, press } = person;
    await person.open("/faults");
    await press("Chaos: everything that passes by itself");
    await page.getByText("Each of these strikes now and then.").waitFor();
    await inspect(page, "storefront-chaos");
    await press("Let nothing go wrong");
    await page.getByText("Everything works as AWS documents it.").waitFor();

    const { account } = await person.subscribe("Example Mailer");
    await person.subscribe("Example Mailer", async (form) => {
      await form.getByLabel("Buyer's AWS account").selectOption(account);
      await form.getByRole("radio", { name: "Private offer" }).check();
      await form.getByText("Rarer cases").click();
      await form.getByLabel("Id of the private offer").fill("offer-kept");
    });
    await page.getByRole("alert").filter({ hasText: "An old listing has one agreement a buyer" }).waitFor();
    expect(await page.getByLabel("Id of the private offer").inputValue()).toBe("offer-kept");
    await inspect(page, "storefront-listing-refused");
  });

  it("sells a new listing by a private offer, as a trial, from another day on, without scripts too", async () => {
    const person = await enter({ scheme: "dark", width: "narrow" }, false);
    const { page, press } = person;
    const tomorrow = day((await door.now()) + oneDayMs);
    await person.subscribe("Example Analytics", async (form) => {
      await form.getByLabel("Seats").fill("25");
      await form.getByRole("radio", { name: "Private offer" }).check();
      await form.getByLabel("Id of the private offer").fill("offer-for-you");
      await form.getByLabel("Free trial").check();
      await form.getByLabel("Starts on").fill(tomorrow);
    });
    await person.state(/Starts in/);
    expect(await person.named("Offer id")).toBe("offer-for-you");
    const where = page.url();
    await press("Set up your account");
    const posted = page.waitForRequest(world.places.registrationUrl);
    await press("Go on to the seller");
    const fields = new URLSearchParams((await posted).postData() ?? "");
    expect(fields.get("x-amzn-marketplace-offer-type")).toBe("free-trial");
    expect(fields.get("x-amzn-marketplace-token")).toMatch(/^[\w-]{60,}$/);
    await page.waitForURL(`${new URL(world.places.registrationUrl).origin}/**`);
    await page.goto(where);
    await press("Next day");
    await person.state("Active");
  });

  it("changes, replaces, renews, suspends and cancels, and says what AWS makes of it", async () => {
    const person = await enter({ scheme: "dark", width: "wide" });
    const { page, press } = person;
    await person.subscribe("Example Analytics", (form) => form.getByLabel("Seats").fill("5"));
    await press("Upgrade or replace");
    await page.getByRole("alert").filter({ hasText: "is not provisioned yet." }).waitFor();
    await press("+5 min");
    await person.state("Active");
    await page.getByLabel("Seats").fill("7");
    await press("Change the quantities");
    expect(await person.named("Bought in advance")).toBe("Seats: 7");

    const ids = [await person.named("Agreement id")];
    const license = await person.named("License ARN");
    for (const [button, was] of [
      ["Upgrade or replace", "Replaced"],
      ["Renew now", "Renewed"],
    ] as const) {
      await press(button);
      await page.getByRole("status").waitFor();
      ids.push(await person.named("Agreement id"));
      await page.getByRole("link", { name: "The agreement before it" }).click();
      await person.state(was);
      await page.getByRole("link", { name: "The agreement that took its place" }).click();
      await person.state("Active");
    }
    expect(new Set(ids).size).toBe(3);
    expect(await person.named("License ARN")).toBe(license);

    await press("Turn auto-renewal on");
    await page.getByText("It renews by itself then.").waitFor();
    await press(/^Suspend/);
    await person.state("Suspended");
    await inspect(page, "storefront-agreement");
    await press(/^Reinstate/);
    await person.state("Active");
    await press("Cancel the agreement");
    await person.state("Cancelled");
    await page.getByText("AWS takes no more usage").waitFor();
    await inspect(page, "storefront-agreement-ended");
    expect(await page.getByRole("button", { name: "Set up your account" }).count()).toBe(0);
    await person.open("/agreements");
    await person.row("Example Analytics", "Cancelled");
    await inspect(page, "storefront-agreements");
  });

  it("shows the page that sends the buyer on, where it is kept from going by itself", async () => {
    const person = await enter({ scheme: "light", width: "wide" });
    await person.subscribe("Example Vault");
    await person.page.route(world.places.registrationUrl, (route) => route.abort("aborted"));
    await person.press("Set up your account");
    await person.page.getByRole("heading", { name: "On to the seller of Example Vault" }).waitFor();
    await inspect(person.page, "storefront-hand-over");
  });
});

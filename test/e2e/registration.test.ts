import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { launchBrowser, type Look, type TestBrowser } from "./browser.ts";
import { inspect } from "./inspect.ts";
import { canShow, openWorld } from "./world.ts";

const analytics = "c0456exampleanalytics0000";
const wide: Look = { scheme: "light", width: "wide" };
const agreementSchema = z.object({
  agreementId: z.string(),
  registrationToken: z.string(),
  licenseArn: z.string(),
});
const issued = z.object({ registrationToken: z.string() });
const inbox = z.object({ mails: z.array(z.object({ to: z.string() })) });

describe.runIf(await canShow("the registration page in a browser"))("the registration page", () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let browser: TestBrowser;
  let buyers = 0;

  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), world.close()]);
  });

  const marketplace = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${world.places.simulatorUrl}/_simulator${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.ok, path).toBe(true);
    return response.json();
  };
  const subscribe = async () => {
    const buyerAccountId = String((buyers += 1)).padStart(12, "7");
    const entitlements = [{ dimension: "seats", value: 10 }];
    const wanted = { productCode: analytics, buyerAccountId, entitlements };
    return agreementSchema.parse(await marketplace("POST", "/agreements", wanted));
  };
  const pass = (advanceSeconds: number) => marketplace("POST", "/clock", { advanceSeconds });
  /** As AWS Marketplace's console does: a form on a page of another origin, posted to the registration page. */
  const arrive = async (page: Page, token: string) => {
    await page.setContent(
      `<form method="post" action="${world.places.registrationUrl}"><input name="x-amzn-marketplace-token" value="${token}"><button>Set up your account</button></form>`,
    );
    await page.getByRole("button").click();
    await page.locator("main h1").waitFor();
  };
  const title = (page: Page, text: string) => page.getByRole("heading", { level: 1, name: text }).waitFor();
  const press = (page: Page, name: string) => page.getByRole("button", { name }).click();
  /** What the product's page was handed. */
  const claim = (page: Page, name: string) =>
    page
      .locator("dt", { hasText: new RegExp(`^${name}$`) })
      .locator("xpath=following-sibling::dd[1]")
      .innerText();

  it("takes a new buyer from AWS to the product: before AWS confirms, when it does, with a mail, and once more", async () => {
    const page = await browser.openPage(wide);
    const { agreementId, registrationToken, licenseArn } = await subscribe();
    await arrive(page, registrationToken);
    await title(page, "You are registered");
    await inspect(page, "registration-waiting");

    await page.getByLabel("Your e-mail address").fill("nobody@localhost");
    await press(page, "Continue to Example Software");
    await page.getByText("This is no e-mail address").waitFor();
    await inspect(page, "registration-mistake");

    await pass(120);
    await title(page, "Your subscription is active");
    await inspect(page, "registration-active");

    await page.getByLabel("Your e-mail address").fill("jane@example.com");
    await press(page, "Continue to Example Software");
    await title(page, "Here your product takes over");
    expect(await claim(page, "license")).toContain(licenseArn);
    expect(await claim(page, "email_verified")).toContain("false");
    await inspect(page, "product-handed-over");

    await expect
      .poll(async () => inbox.parse(await (await fetch(`${world.places.inboxUrl}/mails`)).json()).mails, {
        timeout: 30_000,
      })
      .toMatchObject([{ to: "jane@example.com" }]);
    await page.goto(world.places.inboxUrl);
    await inspect(page, "inbox");
    await page.getByRole("link", { name: /confirm/ }).click();
    await title(page, "Confirm your e-mail address");
    await inspect(page, "registration-confirm");
    await press(page, "Confirm");
    await title(page, "Thank you");

    const again = issued.parse(await marketplace("POST", `/agreements/${agreementId}/token`));
    await arrive(page, again.registrationToken);
    await title(page, "Your subscription is active");
    await page.getByText("j•••@example.com").waitFor();
    await press(page, "Continue to Example Software");
    await title(page, "Here your product takes over");
    expect(await claim(page, "email")).toContain("jane@example.com");
    expect(await claim(page, "email_verified")).toContain("true");
  });

  it("shows a buyer who comes after AWS has confirmed that all is well, and lets one log in who has an account", async () => {
    const page = await browser.openPage({ scheme: "dark", width: "narrow" });
    const { registrationToken } = await subscribe();
    await pass(120);
    await expect
      .poll(
        async () => {
          await arrive(page, registrationToken);
          return page.locator("main h1").innerText();
        },
        { timeout: 30_000 },
      )
      .toBe("Your subscription is active");
    await press(page, "I have an account already: log in");
    await title(page, "Here your product takes over");
    expect(new URL(page.url()).pathname).toBe("/product/login");
  });

  it("serves a browser without scripts all the same", async () => {
    const page = await browser.openPage(wide, false);
    const { registrationToken } = await subscribe();
    await arrive(page, registrationToken);
    await title(page, "You are registered");
    await press(page, "Look again how it stands");
    await title(page, "You are registered");
    await press(page, "I have an account already: log in");
    await title(page, "One moment");
    await press(page, "Continue to Example Software");
    await title(page, "Here your product takes over");
  });

  it("tells who comes with a token that is no good, or with none, what to do", async () => {
    const page = await browser.openPage(wide);
    const { registrationToken } = await subscribe();
    await arrive(page, `${registrationToken}tampered`);
    await title(page, "AWS does not know this link");
    await inspect(page, "registration-tampered");
    await page.goto(world.places.registrationUrl);
    await title(page, "Welcome");
    await inspect(page, "registration-welcome");
    await arrive(page, registrationToken);
    await page.evaluate('document.querySelector("input[name=visit]").value += "tampered"');
    await press(page, "I have an account already: log in");
    await title(page, "This page has been open for too long");
    await pass(4 * 3_600 + 60);
    await arrive(page, registrationToken);
    await title(page, "This link has expired");
    await inspect(page, "registration-expired");
  });

  it("waits for a Marketplace that is slow, and keeps the token while it is away", async () => {
    const page = await browser.openPage(wide);
    const { registrationToken } = await subscribe();
    const fault = (rule: object) =>
      marketplace("POST", "/faults", { on: "calls", operation: "ResolveCustomer", ...rule });
    await fault({ fault: "slow", delayMs: 7_000, next: 1 });
    await arrive(page, registrationToken);
    await title(page, "You are registered");
    await fault({ fault: "fail", next: 3 });
    await arrive(page, registrationToken);
    await title(page, "We could not reach AWS just now");
    await inspect(page, "registration-unavailable");
    await press(page, "Try again");
    await title(page, "You are registered");
  });

  it("stays in no frame", async () => {
    const page = await browser.openPage(wide);
    await page.setContent(`<iframe src="${world.places.registrationUrl}"></iframe>`);
    await page.waitForLoadState("networkidle");
    const frame = page.frames()[1];
    expect(await frame?.evaluate("document.body.innerText").catch(() => "")).not.toContain(
      "Marketplace, Manage",
    );
  });
});

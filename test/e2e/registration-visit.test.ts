import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, type TestBrowser } from "./browser.ts";
import { inspect } from "./inspect.ts";
import { canShow, openWorld } from "./world.ts";

describe.runIf(await canShow("the registration page in a browser"))("the registration page", () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let browser: TestBrowser;

  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), world.close()]);
  });

  it("tells a visitor who comes by himself where to begin", async () => {
    const page = await browser.openPage({ scheme: "light", width: "wide" });
    await page.goto(world.places.registrationUrl);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).not.toBe("");
    await inspect(page, "registration-visit");
  });
});

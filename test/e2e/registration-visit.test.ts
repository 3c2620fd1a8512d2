import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violationsOf } from "./accessibility.ts";
import { launchBrowser, looks, overhangOf, photograph, type TestBrowser } from "./browser.ts";
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

  it.each(looks)("tells a visitor who comes by himself where to begin, $scheme and $width", async (look) => {
    const page = await browser.openPage(look);
    await page.goto(world.places.registrationUrl);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).not.toBe("");
    expect(await violationsOf(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    await photograph(page, `registration-visit-${look.scheme}-${look.width}`);
  });
});

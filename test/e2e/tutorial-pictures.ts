import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { outside } from "../integration/outside.ts";
import { chromium as executablePath } from "./chromium.ts";
import { openWorld } from "./world.ts";

/**
 * `npm run pictures`: plays docs/tutorial.md in a world of its own and takes the pictures that the tutorial and the README show. They are
 * committed, so that they can be read where nothing runs; make them anew when a page changes, and look at them.
 */
const folder = join(import.meta.dirname, "../../docs/images");
/** Small: they are committed. */
const size = { width: 960, height: 640 };

await mkdir(folder, { recursive: true });
const world = await openWorld({ withExample: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const door = outside(world.places);
try {
  const context = await browser.newContext({
    viewport: size,
    locale: "en-GB",
    timezoneId: "UTC",
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const take = async (name: string, fullPage = false) => {
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
    console.log(`docs/images/${name}.png`);
  };
  const { storefrontUrl, exampleUrl = "" } = world.places;
  const at = new Date(await door.now());
  at.setUTCHours(9, 5, 0, 0);
  await door.setClock({ now: new Date(at.getTime() + 86_400_000).toISOString() });

  await page.goto(storefrontUrl);
  await take("storefront");
  await page.getByRole("listitem").filter({ hasText: "Example Analytics" }).getByRole("link").click();
  await page.getByLabel("Seats").fill("10");
  await page.getByRole("button", { name: "Accept the offer" }).click();
  await page.getByRole("button", { name: "Set up your account" }).click();
  await page.getByRole("heading", { name: "You are registered" }).waitFor();
  await door.setClock({ advanceSeconds: 120 });
  await page.getByRole("heading", { name: "Your subscription is active" }).waitFor();
  await take("registration", true);
  await page.getByLabel("Your e-mail address").fill("jane@example.com");
  await page.getByRole("button", { name: "Continue to Example Software" }).click();
  await page.getByRole("heading", { name: "Example Analytics" }).waitFor();
  const inForce = page.getByText("In force", { exact: true });
  for (let tries = 0; tries < 60 && (await inForce.count()) === 0; tries += 1) {
    await pause(500);
    await page.reload();
  }
  const hours = [3, 5, 8, 2, 6];
  for (const presses of hours) {
    for (let press = 0; press < presses; press += 1)
      await page.getByRole("button", { name: "Use 100 of Events ingested" }).click();
    await page.getByRole("button", { name: "Use 2.5 of Gigabytes stored" }).click();
    while ((await door.waiting()).length > 0) await pause(200);
    await door.setClock({ advanceSeconds: 3_600 });
  }
  await page.goto(exampleUrl);
  await take("workspace", true);
  await door.setClock({ advanceSeconds: 3_600, rate: 60 });
  await page.goto(`${storefrontUrl}/bill`);
  await page
    .getByText(/^2,?400$/)
    .first()
    .waitFor({ timeout: 60_000 });
  await door.setClock({ rate: 1 });
  await page.reload();
  await take("bill", true);
  await page.goto(`${storefrontUrl}/seller`);
  await take("seller");
} finally {
  door.close();
  await browser.close();
  await world.close();
}

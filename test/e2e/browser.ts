import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromium as executablePath } from "./chromium.ts";

/** How a person may have it: every page is looked at in each of these. */
export interface Look {
  readonly scheme: "light" | "dark";
  /** A telephone's upright, or a small laptop's. */
  readonly width: "narrow" | "wide";
}

export const looks: readonly Look[] = [
  { scheme: "light", width: "wide" },
  { scheme: "dark", width: "wide" },
  { scheme: "light", width: "narrow" },
  { scheme: "dark", width: "narrow" },
];

const sizes = { narrow: { width: 390, height: 844 }, wide: { width: 1_280, height: 900 } };

/** So long at most a page may take to show what is expected of it; on a busy machine, of two cores. */
const patienceMs = 30_000;

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** A browser without a head and with nothing remembered; one serves a whole test file. */
export async function launchBrowser() {
  const browser = await chromium.launch({ executablePath, args: flags });
  return {
    /** A page of its own profile: cookies and storage are nobody else's. */
    openPage: (look: Look, withScripts = true) => openPage(browser, look, withScripts),
    close: () => browser.close(),
  };
}
export type TestBrowser = Awaited<ReturnType<typeof launchBrowser>>;

async function openPage(browser: Browser, { scheme, width }: Look, withScripts: boolean): Promise<Page> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: sizes[width],
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    javaScriptEnabled: withScripts,
  });
  context.setDefaultTimeout(patienceMs);
  return context.newPage();
}

/** Shows the page that is open as another person has it, without loading it again. */
export async function wear(page: Page, { scheme, width }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize(sizes[width]);
}

/** By how many pixels the page is wider than its window: what a person would have to scroll sideways. */
export const overhangOf = async (page: Page): Promise<number> =>
  Number(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));

const screenshots = join(import.meta.dirname, "../../.tollhouse/screenshots");

/** The whole page as a picture in `.tollhouse/screenshots`, when TOLLHOUSE_SCREENSHOTS is set. */
export async function photograph(page: Page, name: string): Promise<void> {
  if (process.env["TOLLHOUSE_SCREENSHOTS"] === undefined) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

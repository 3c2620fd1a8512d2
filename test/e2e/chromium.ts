import { existsSync } from "node:fs";

/** Debian's own; playwright-core brings none along. */
export const chromium = "/usr/bin/chromium";

/** Whether this machine has the browser that a suite needs; says loudly when not. @throws where CI must try everything */
export function hasChromium(suite: string): boolean {
  if (existsSync(chromium)) return true;
  const why = `${chromium} is missing: install it with \`apt-get install chromium\`.`;
  if (process.env["CI"] === "true") throw new Error(why);
  console.error(`\n!!! Left out: ${suite}. ${why}\n`);
  return false;
}

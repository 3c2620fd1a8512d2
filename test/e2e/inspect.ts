import type { Page } from "playwright-core";
import { expect } from "vitest";
import { violationsOf } from "./accessibility.ts";
import { looks, overhangOf, photograph, wear } from "./browser.ts";

/** The page that is open can be used by all, in each look; a picture of each is taken under the name where pictures are asked for. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const look of looks) {
    await wear(page, look);
    const picture = `${name}-${look.scheme}-${look.width}`;
    const found = { violations: await violationsOf(page), overhang: await overhangOf(page) };
    expect(found, picture).toEqual({ violations: [], overhang: 0 });
    await photograph(page, picture);
  }
}

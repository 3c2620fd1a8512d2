import type { Page } from "playwright-core";

/** What a person does on the storefront, by what they read there. */
export function buyer(page: Page, storefrontUrl: string) {
  /** Every button leads to a page, and what is asked next is asked of that one. */
  const press = (name: string | RegExp) =>
    Promise.all([
      page.waitForEvent("framenavigated"),
      page.getByRole("button", { name, exact: true }).click(),
    ]);
  const open = (path = "") => page.goto(`${storefrontUrl}${path}`);
  return {
    page,
    press,
    open,
    /** Opens a listing by its title, fills in what is given by its label, and accepts the offer. */
    async subscribe(title: string, fill: (form: Page) => Promise<void> = () => Promise.resolve()) {
      await open();
      await page.getByRole("listitem").filter({ hasText: title }).getByRole("link").click();
      await fill(page);
      const account = await page.getByLabel("Buyer's AWS account").inputValue();
      await press("Accept the offer");
      return { account, agreement: new URL(page.url()).pathname };
    },
    /** Waits for the state that the agreement's page shows. */
    state: (word: string | RegExp) => page.locator("main .badge", { hasText: word }).first().waitFor(),
    /** What AWS calls something about the agreement. */
    named: (name: string) =>
      page.locator("dt", { hasText: name }).locator("xpath=following-sibling::dd[1]").innerText(),
    /** Waits for a row of a table. */
    row: (...texts: readonly string[]) =>
      texts
        .reduce((row, text) => row.filter({ hasText: text }), page.getByRole("row"))
        .first()
        .waitFor(),
  };
}
export type TestBuyer = ReturnType<typeof buyer>;

import axe from "axe-core";
import type { Page } from "playwright-core";
import * as z from "zod";

const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

const findings = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
  }),
);

/** What axe finds wrong with the page as it is now, a text for each rule and element; none on a page that all can use. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: standards, resultTypes: ["violations"] });
  const found = await page.evaluate(`axe.run(document, ${options}).then(({ violations }) => violations)`);
  return findings
    .parse(found)
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    );
}

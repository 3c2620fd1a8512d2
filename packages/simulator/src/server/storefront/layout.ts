import { html, raw } from "hono/html";
import type { ClockReading } from "../clock.ts";
import { clockBar } from "./clock-view.ts";
import { liveScript } from "./live.ts";
import { style } from "./style.ts";
import type { Html } from "./wording.ts";

/** A word on what just happened, or why it did not. */
export interface Said {
  readonly tone: "good" | "bad";
  readonly text: string;
}

const sections = [
  ["/storefront", "Listings"],
  ["/storefront/agreements", "Agreements"],
  ["/storefront/bill", "Bill"],
  ["/storefront/seller", "AWS and the seller"],
  ["/storefront/faults", "Faults"],
] as const;
type Section = (typeof sections)[number][1];

export interface Page {
  readonly title: string;
  readonly section: Section;
  /** Where the page is read again from. */
  readonly path: string;
  readonly said?: Said | undefined;
  readonly body: Html;
}

/** A whole page of the storefront: header, clock, what was said, content. */
export const layout = ({ title, section, path, said, body }: Page, reading: ClockReading): Html =>
  html`<!doctype html>
    <html lang="en">
      ${head(title)}
      <body data-refresh="${path}">
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <p class="brand"><b>AWS Marketplace</b> <span>simulator</span></p>
          <nav aria-label="Storefront">
            ${sections.map(
              ([href, name]) =>
                html`<a href="${href}" ${name === section ? raw('aria-current="page"') : ""}>${name}</a>`,
            )}
          </nav>
        </header>
        ${clockBar(reading, path)}
        <main id="content">
          <p class="said bad away-notice">The simulator does not answer: what you see is old.</p>
          ${
            said === undefined
              ? ""
              : html`<p class="said ${said.tone}" role="${said.tone === "bad" ? "alert" : "status"}">
                  ${said.text}
                </p>`
          }
          ${body}
        </main>
        <footer>
          <p>
            Nothing here is AWS: it is a simulator on this machine that keeps AWS Marketplace's documented
            rules. No account is charged, and all of it is gone when the simulator's state is.
          </p>
        </footer>
        ${raw(`<script>${liveScript}</script>`)}
      </body>
    </html>`;

/** The head of every page, the hand-over's included. */
export const head = (title: string): Html =>
  html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="data:," />
    <title>${title} · AWS Marketplace simulator</title>
    ${raw(`<style>${style}</style>`)}
  </head>`;

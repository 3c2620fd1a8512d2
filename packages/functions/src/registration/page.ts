import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

export interface PageText {
  readonly title: string;
  readonly body: string;
  /** Whether the buyer can go on to the product. */
  readonly proceed?: boolean;
  /** Posts the same token again, by itself or at the press of a button. It is kept in the buyer's browser only. */
  readonly again?: Again | undefined;
}

export interface Again {
  readonly fields: Readonly<Record<string, string>>;
  /** Whether it still asks by itself; after many times only the buyer does. */
  readonly byItself: boolean;
  readonly button: string;
}

/** The page's only script; the policy allows it by its hash and nothing else. */
const askAgain = "setTimeout(() => document.forms[0].submit(), 5000)";
export const askAgainHash = `'sha256-${createHash("sha256").update(askAgain).digest("base64")}'` as const;

const againForm = ({ fields, byItself, button }: Again) =>
  html`<form method="post">
      ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <button>${button}</button>
      ${byItself ? html`<p><small>This page checks by itself every few seconds.</small></p>` : ""}
    </form>
    ${byItself ? raw(`<script>${askAgain}</script>`) : ""}`;

/** One page for everything a buyer may be told; nothing from elsewhere, readable on any screen, complete without its script. */
export const page = (
  { sellerName, supportContact, continueUrl }: Configuration["registrationPage"],
  { title, body, proceed = false, again }: PageText,
) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${sellerName}</title>
        <style>
          body {
            font:
              1.0625rem/1.6 system-ui,
              sans-serif;
            margin: 0;
            min-height: 100vh;
            display: grid;
            place-items: center;
            background: Canvas;
            color: CanvasText;
          }
          main {
            box-sizing: border-box;
            width: min(34rem, 100%);
            padding: 2rem 1.5rem;
          }
          h1 {
            font-size: 1.75rem;
            line-height: 1.25;
            margin: 0 0 1rem;
          }
          a {
            color: LinkText;
          }
          .proceed {
            display: inline-block;
            margin-top: 0.5rem;
            padding: 0.625rem 1.25rem;
            border-radius: 0.5rem;
            background: #14532d;
            color: #fff;
            text-decoration: none;
          }
          button {
            padding: 0.5rem 1rem;
            border: 1px solid color-mix(in srgb, CanvasText 45%, Canvas);
            border-radius: 0.5rem;
            background: Canvas;
            color: CanvasText;
            font: inherit;
            cursor: pointer;
          }
          button:focus-visible,
          .proceed:focus-visible {
            outline: 3px solid Highlight;
            outline-offset: 3px;
          }
          footer {
            margin-top: 2.5rem;
            padding-top: 1rem;
            border-top: 1px solid color-mix(in srgb, CanvasText 25%, Canvas);
            font-size: 0.9375rem;
          }
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>${body}</p>
          ${proceed ? html`<p><a class="proceed" href="${continueUrl}">Continue to ${sellerName}</a></p>` : ""}
          ${again === undefined ? "" : againForm(again)}
          <footer>${sellerName} · <a href="mailto:${supportContact}">${supportContact}</a></footer>
        </main>
      </body>
    </html>`;

import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { html } from "hono/html";

export interface PageText {
  readonly title: string;
  readonly body: string;
  /** Whether the buyer can go on to the product. */
  readonly proceed?: boolean;
}

/** One page for everything a buyer may be told; no script, nothing from elsewhere, readable on any screen. */
export const page = (
  { sellerName, supportContact, continueUrl }: Configuration["registrationPage"],
  { title, body, proceed = false }: PageText,
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
          <footer>${sellerName} · <a href="mailto:${supportContact}">${supportContact}</a></footer>
        </main>
      </body>
    </html>`;

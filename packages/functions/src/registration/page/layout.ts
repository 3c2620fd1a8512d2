import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import { html, raw } from "hono/html";
import { type ScriptName, scripts } from "./script.ts";
import { styleOf } from "./style.ts";

/** What hono makes of a template. */
export type Markup = ReturnType<typeof html>;

export interface Layout {
  readonly title: string;
  readonly body: Markup;
  readonly script?: ScriptName | undefined;
}

export const documentTitle = ({ sellerName }: RegistrationPage, title: string): string =>
  `${title} · ${sellerName}`;

/** The frame of every page; nothing in it comes from elsewhere but the seller's logo, if there is one. */
export const layout = (page: RegistrationPage, { title, body, script }: Layout): Markup => {
  const { sellerName, supportContact, brand } = page;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${documentTitle(page, title)}</title>
        <style>
          ${raw(styleOf(page))}
        </style>
      </head>
      <body>
        <main>
          <div class="seller">
            ${brand.logoUrl === undefined ? "" : html`<img src="${brand.logoUrl}" alt="" />`}
            <span>${sellerName} on AWS Marketplace</span>
          </div>
          ${body}
          <footer>
            <p>Questions? Write to <a href="mailto:${supportContact}">${supportContact}</a>.</p>
          </footer>
        </main>
        ${script === undefined ? "" : raw(`<script>${scripts[script]}</script>`)}
      </body>
    </html>`;
};

export const hiddenFields = (fields: Readonly<Record<string, string>>): Markup[] =>
  Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );

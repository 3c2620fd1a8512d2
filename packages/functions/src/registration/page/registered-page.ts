import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import { html, raw } from "hono/html";
import type { Standing } from "../standing.ts";
import { hiddenFields, layout, type Markup } from "./layout.ts";

export interface Registered {
  readonly productTitle: string;
  readonly standing: Standing;
  /** What the page carries from step to step; names as the form posts them. */
  readonly fields: Readonly<Record<string, string>>;
  /** The address that is known already, as far as it may be shown, and whether mail to it is lost. */
  readonly known?: { readonly email: string; readonly isLost: boolean } | undefined;
  /** What was typed, and what is wrong with it. */
  readonly typed?: { readonly email: string; readonly mistake: string } | undefined;
  /** Whether a mail will come. */
  readonly mails: boolean;
}

/** Where a buyer stands who has registered, and how to go on. */
export const registeredPage = (page: RegistrationPage, registered: Registered): Markup => {
  const { productTitle, standing, fields } = registered;
  const { title, text, tone, settled } = standing;
  return layout(page, {
    title: registered.typed === undefined ? title : "Please look at the e-mail address",
    script: "askStanding",
    body: html`<h1>${title}</h1>
      <p class="product">${productTitle}, bought on AWS Marketplace</p>
      <div class="standing ${tone}" role="status" data-settled="${String(settled)}"><span>${text}</span></div>
      <form method="post" action="/register/continue">
        ${hiddenFields(fields)} ${emailField(registered)}
        <div class="buttons">
          <button class="first" name="to" value="product">Continue to ${page.sellerName}</button>
          <button name="to" value="login" formnovalidate>I have an account already: log in</button>
          <noscript><button formaction="/register" formnovalidate>Look again how it stands</button></noscript>
        </div>
      </form>
      ${
        page.texts.nextSteps === undefined
          ? ""
          : html`<p class="next"><strong>What comes next.</strong> ${page.texts.nextSteps}</p>`
      }`,
  });
};

function emailField({ known, typed, mails }: Registered): Markup {
  return html`<label for="email">Your e-mail address</label>
    <input
      id="email"
      name="email"
      type="email"
      autocomplete="email"
      maxlength="254"
      value="${typed?.email ?? ""}"
      ${known === undefined ? "required" : ""}
      aria-describedby="${typed === undefined ? "hint" : "mistake hint"}"
      ${typed === undefined ? "" : raw(`aria-invalid="true" autofocus`)}
    />
    ${typed === undefined ? "" : html`<p class="mistake" id="mistake">${typed.mistake}</p>`}
    <p class="hint" id="hint">${hintOf(known, mails)}</p>`;
}

function hintOf(known: Registered["known"], mails: boolean): string {
  if (known === undefined)
    return `We write to you about this subscription only.${mails ? " A mail with a link comes at once." : ""}`;
  return known.isLost
    ? `Mail to ${known.email} does not arrive: please give another address.`
    : `We have ${known.email}. Leave this empty to keep it, or give another address.`;
}

import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import { html } from "hono/html";
import { hiddenFields, layout, type Markup } from "./layout.ts";

/** A page that says one thing, and what can be done about it. */
export interface Message {
  readonly title: string;
  readonly text: string;
  /** Posts something again, by itself or at the press of a button. It is kept in the buyer's browser only. */
  readonly again?: Again | undefined;
  /** Whether there is a way to an account that exists already. */
  readonly login?: boolean;
}

export interface Again {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly button: string;
  /** When it is posted by itself: a moment later, or not at all. */
  readonly byItself: boolean;
}

export const messagePage = (page: RegistrationPage, { title, text, again, login = false }: Message): Markup =>
  layout(page, {
    title,
    script: again?.byItself === true ? "submitSoon" : undefined,
    body: html`<h1>${title}</h1>
      <p>${text}</p>
      ${again === undefined ? "" : againForm(again)}
      ${
        login
          ? html`<p class="buttons">
              <a class="button" href="${page.loginUrl ?? page.continueUrl}"
                >I have an account already: log in</a
              >
            </p>`
          : ""
      }`,
  });

const againForm = ({ action, fields, button, byItself }: Again): Markup =>
  html`<form method="post" action="${action}">
    ${hiddenFields(fields)}
    <div class="buttons"><button class="first">${button}</button></div>
    ${byItself ? html`<p class="hint">This page tries again by itself every few seconds.</p>` : ""}
  </form>`;

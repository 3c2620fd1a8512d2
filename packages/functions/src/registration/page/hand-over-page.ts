import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import { html } from "hono/html";
import { hiddenFields, layout, type Markup } from "./layout.ts";

/** The field that the seller's page finds the buyer's token in. */
const buyerTokenField = "tollhouse-token";

/** Posts the buyer's token to the seller's page, by itself; without a script at the press of a button. */
export const handOverPage = (page: RegistrationPage, action: string, token: string): Markup =>
  layout(page, {
    title: "One moment",
    script: "submitNow",
    body: html`<h1>One moment</h1>
      <p>You are on your way to ${page.sellerName}.</p>
      <form method="post" action="${action}">
        ${hiddenFields({ [buyerTokenField]: token })}
        <div class="buttons"><button class="first">Continue to ${page.sellerName}</button></div>
      </form>`,
  });

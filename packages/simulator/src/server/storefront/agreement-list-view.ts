import { html } from "hono/html";
import { type Agreement, isEnded } from "../../rules/agreement/agreement.ts";
import { findProduct } from "../../rules/catalogue.ts";
import { isSuspended } from "../../rules/state.ts";
import type { World } from "../world.ts";
import { standingOf, type Standing } from "./agreement-words.ts";
import { action } from "./field.ts";
import { counted, type Html, moment } from "./wording.ts";

/** So many are shown, the latest; a load test makes thousands. */
const mostShown = 60;

export const agreementPath = (id: string): string => `/storefront/agreements/${id}`;

export const badge = ({ word, tone }: Standing): Html => html`<span class="badge ${tone}">${word}</span>`;

export function agreementsView({ catalogue, state }: World, nowMs: number): Html {
  const all = Object.values(state.agreements);
  const shown = all.slice(-mostShown).toReversed();
  const line = (agreement: Agreement) =>
    html`<tr>
      <td data-label="Product">
        <a href="${agreementPath(agreement.id)}"
          >${findProduct(catalogue, agreement.productCode)?.title ?? agreement.productCode}</a
        >
      </td>
      <td data-label="Buyer"><code>${agreement.buyerAccountId}</code></td>
      <td data-label="State">
        ${badge(standingOf(agreement, nowMs, isSuspended(state, agreement.buyerAccountId)))}
      </td>
      <td data-label="Accepted">${moment(agreement.acceptedAtMs)}</td>
      <td class="act">
        ${
          isEnded(agreement, nowMs)
            ? ""
            : action(`${agreementPath(agreement.id)}/setup`, "Set up your account")
        }
      </td>
    </tr>`;
  return html`<h1>Agreements</h1>
    <p class="lead">
      What buyers accepted: on AWS, the page “Manage subscriptions”. From here AWS sends a buyer's browser to
      the seller.
    </p>
    <div data-live="agreements">
      ${
        all.length === 0
          ? html`<p class="empty">Nobody has subscribed yet. <a href="/storefront">See what is sold</a>.</p>`
          : html`<table class="stacking">
              <thead>
                <tr>
                  <th scope="col">Product</th>
                  <th scope="col">Buyer's account</th>
                  <th scope="col">State</th>
                  <th scope="col">Accepted</th>
                  <td></td>
                </tr>
              </thead>
              <tbody>
                ${shown.map(line)}
              </tbody>
            </table>`
      }
      ${
        all.length > shown.length
          ? html`<p class="quiet">${counted(all.length - shown.length, "earlier agreement")} not shown.</p>`
          : ""
      }
    </div>`;
}

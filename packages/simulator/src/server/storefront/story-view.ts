import { html } from "hono/html";
import type { Agreement } from "../../rules/agreement/agreement.ts";
import type { Listing } from "../../rules/listing.ts";
import { bill } from "../../rules/metering/bill.ts";
import type { World } from "../world.ts";
import { agreementPath } from "./agreement-list-view.ts";
import { milestonesOf } from "./agreement-words.ts";
import { titleOf } from "./listing-words.ts";
import { amount, type Html, inHowLong, moment } from "./wording.ts";

/** What AWS has done and will do about an agreement, and the agreements before and after it. */
export const storyView = (world: World, agreement: Agreement, listing: Listing, nowMs: number): Html =>
  html`<ol class="story">
      ${milestonesOf(world, agreement, listing).map(
        ({ atMs, text }) =>
          html`<li class="${atMs <= nowMs ? "past" : "ahead"}">
            <span>${text}</span>
            <small>${moment(atMs)}${atMs > nowMs ? ` · ${inHowLong(atMs - nowMs)}` : ""}</small>
          </li>`,
      )}
    </ol>
    ${neighbours(world, agreement)}`;

function neighbours({ state }: World, { id, previousAgreementId }: Agreement): Html {
  const next = Object.values(state.agreements).find((one) => one.previousAgreementId === id);
  const link = (other: string, text: string) => html`<p><a href="${agreementPath(other)}">${text}</a></p>`;
  return html`${next === undefined ? "" : link(next.id, "The agreement that took its place")}
  ${previousAgreementId === null ? "" : link(previousAgreementId, "The agreement before it")}`;
}

/** What the license has cost in units; a renewal goes on with the same one. */
export function billedView({ catalogue, state }: World, { licenseArn }: Agreement, listing: Listing): Html {
  const { totals } = bill(catalogue, state, { licenseArn });
  return totals.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<ul class="plain">
          ${totals.map(
            ({ dimension, quantity }) =>
              html`<li>${titleOf(listing, dimension)} <b class="number">${amount(quantity)}</b></li>`,
          )}
        </ul>
        <p><a href="/storefront/bill">The bill, hour by hour</a></p>`;
}

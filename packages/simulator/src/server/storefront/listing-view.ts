import { html } from "hono/html";
import { type Listing, takesProductCode } from "../../rules/listing.ts";
import { action } from "./field.ts";
import { dimensionTitle, generations, isEntitled, listingPath, pricings } from "./listing-words.ts";
import { type SubscribeForm, subscribeForm } from "./subscribe-form.ts";
import type { Html } from "./wording.ts";

export const listingsView = (listings: readonly Listing[]): Html =>
  html`<h1>What the seller sells</h1>
    <p class="lead">
      You are a buyer on AWS Marketplace. Accept an offer, press “Set up your account”, and watch what AWS
      tells the seller, what the seller's software answers, and what AWS puts on your bill.
    </p>
    <ul class="cards">
      ${listings.map(
        (listing) =>
          html`<li class="card">
            <h2>${listing.title}</h2>
            <p class="tags">${tags(listing)}</p>
            <p>${pricings[listing.pricing].meaning}</p>
            <p class="quiet">${generations[listing.generation].short}</p>
            ${dimensionsView(listing)}
            <p class="end">
              <a class="button primary" href="${listingPath(listing.code)}">View and subscribe</a>
            </p>
          </li>`,
      )}
    </ul>`;

const tags = ({ generation, pricing }: Listing): Html =>
  html`<span class="tag">${generations[generation].name}</span>
    <span class="tag">${pricings[pricing].name}</span>`;

const dimensionsView = ({ dimensions }: Listing): Html =>
  html`<ul class="plain">
    ${dimensions.map(
      (dimension) =>
        html`<li>
          ${dimensionTitle(dimension)}
          <span class="quiet">${isEntitled(dimension) ? "bought in advance" : "metered by the hour"}</span>
        </li>`,
    )}
  </ul>`;

export const listingView = (listing: Listing, form: SubscribeForm): Html =>
  html`<h1>${listing.title}</h1>
    <p class="tags">${tags(listing)}</p>
    <div class="columns">
      <div class="card">
        <h2>Subscribe</h2>
        ${subscribeForm(listing, form)}
      </div>
      <div class="card">
        <h2>About this listing</h2>
        <h3>${generations[listing.generation].name}</h3>
        <p>${generations[listing.generation].meaning}</p>
        <h3>
          ${pricings[listing.pricing].name} <span class="quiet">${pricings[listing.pricing].term}</span>
        </h3>
        <p>${pricings[listing.pricing].meaning}</p>
        <h3>Dimensions</h3>
        ${dimensionsView(listing)}
        <dl class="facts">
          <dt>Product code</dt>
          <dd><code>${listing.code}</code></dd>
          <dt>Product id</dt>
          <dd><code>${listing.id}</code></dd>
        </dl>
        ${takesProductCode(listing) ? optInView(listing) : ""}
      </div>
    </div>`;

const optInView = ({ code }: Listing): Html =>
  html`<h3>Concurrent Agreements</h3>
    <p>
      The seller may ask AWS to opt this listing in. From then on events come beside the SNS messages, usage
      is reported by license instead of product code, and buyers may hold several agreements. There is no way
      back.
    </p>
    ${action(`${listingPath(code)}/opt-in`, "Opt in to Concurrent Agreements")}`;

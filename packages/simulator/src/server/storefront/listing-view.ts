import { html } from "hono/html";
import { hasContract } from "../../rules/catalogue.ts";
import { type Listing, takesProductCode } from "../../rules/listing.ts";
import { action, box, field, quantityFields, quantityName } from "./field.ts";
import type { Form } from "./form.ts";
import { dimensionTitle, generations, isEntitled, listingPath, pricings } from "./listing-words.ts";
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

export interface SubscribeForm {
  /** What was filled in before, when it was refused. */
  readonly values: Form;
  /** An account that bought nothing yet. */
  readonly freshAccount: string;
  /** Accounts that bought something before. */
  readonly buyers: readonly string[];
}

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

function subscribeForm(listing: Listing, { values, freshAccount, buyers }: SubscribeForm): Html {
  const entitled = listing.dimensions.filter(isEntitled);
  const isFresh = values["buyerAccountId"] === undefined;
  const [first] = entitled;
  const quantities = isFresh && first !== undefined ? { ...values, [quantityName(first.key)]: "1" } : values;
  const isTerm = hasContract(listing);
  return html`<form method="post" action="${listingPath(listing.code)}" class="stack">
    ${field({
      label: "Buyer's AWS account",
      name: "buyerAccountId",
      value: values["buyerAccountId"] ?? freshAccount,
      choices: [freshAccount, ...buyers],
      hint: "A made-up buyer. Take one that bought before to see the same buyer again.",
    })}
    ${
      entitled.length === 0
        ? ""
        : html`<fieldset>
            <legend>How many, in advance</legend>
            <div class="row">${quantityFields(entitled, quantities)}</div>
          </fieldset>`
    }
    <fieldset>
      <legend>Offer</legend>
      ${offerFields(values)}
    </fieldset>
    <fieldset>
      <legend>Term</legend>
      ${termFields(values, isTerm)}
    </fieldset>
    <details ${values["proposerAccountId"] || values["paymentFails"] ? "open" : ""}>
      <summary>Rarer cases</summary>
      <div class="stack">
        ${field({
          label: "Channel partner's account",
          name: "proposerAccountId",
          value: values["proposerAccountId"],
          hint: "A partner resells the product (CPPO). Empty: the seller sells it directly.",
        })}
        ${box({
          label: "The payment fails",
          name: "paymentFails",
          checked: values["paymentFails"] === "on",
          hint: "The buyer reaches the seller's page, and AWS cannot charge the account.",
        })}
      </div>
    </details>
    <p class="end"><button class="primary">Accept the offer</button></p>
  </form>`;
}

const offerFields = (values: Form): Html =>
  html`${box({
      ...{ label: "Public offer", name: "offer", value: "public", type: "radio" },
      checked: values["offer"] !== "private",
      hint: "As it stands on AWS Marketplace, for everybody.",
    })}
    ${box({
      ...{ label: "Private offer", name: "offer", value: "private", type: "radio" },
      checked: values["offer"] === "private",
      hint: "Made for this buyer, with an id of its own.",
    })}
    <div class="private">
      ${field({
        label: "Id of the private offer",
        name: "offerId",
        value: values["offerId"],
        placeholder: "offer-abcexample123",
      })}
    </div>
    ${box({
      label: "Free trial",
      name: "freeTrial",
      checked: values["freeTrial"] === "on",
      hint: "Usage is metered as ever, and AWS charges nothing for it.",
    })}`;

const termFields = (values: Form, isTerm: boolean): Html =>
  html`<div class="row">
      ${field({
        ...{ label: "Starts on", name: "startOn", type: "date", value: values["startOn"] },
        hint: "Empty: now. A later day is a future-dated agreement.",
      })}
      ${field({
        ...{ label: "Last day", name: "endOn", type: "date", value: values["endOn"] },
        hint: isTerm ? "Empty: after a year." : "Empty: it runs until it is cancelled.",
      })}
    </div>
    ${box({
      label: "Renews by itself",
      name: "autoRenew",
      checked: values["autoRenew"] === "on",
      hint: "After the last day, another term as long begins.",
    })}`;

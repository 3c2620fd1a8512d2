import { html } from "hono/html";
import { hasContract } from "../../rules/catalogue.ts";
import type { Listing } from "../../rules/listing.ts";
import { box, choice, field, quantityFields, quantityName } from "./field.ts";
import type { Form } from "./form.ts";
import { isEntitled, listingPath } from "./listing-words.ts";
import type { Html } from "./wording.ts";

export interface SubscribeForm {
  /** What was filled in before, when it was refused. */
  readonly values: Form;
  /** An account that bought nothing yet. */
  readonly freshAccount: string;
  /** Who bought something before, and what last. */
  readonly buyers: readonly { readonly account: string; readonly bought: string }[];
}

/** What a buyer fills in to accept an offer. */
export function subscribeForm(listing: Listing, { values, freshAccount, buyers }: SubscribeForm): Html {
  const entitled = listing.dimensions.filter(isEntitled);
  const posted = values["buyerAccountId"];
  const isFresh = posted === undefined;
  const isNewcomer = !isFresh && !buyers.some(({ account }) => account === posted);
  const newcomer = isNewcomer ? posted : freshAccount;
  const [first] = entitled;
  const quantities = isFresh && first !== undefined ? { ...values, [quantityName(first.key)]: "1" } : values;
  const isTerm = hasContract(listing);
  return html`<form method="post" action="${listingPath(listing.code)}" class="stack">
    ${choice({
      label: "Buyer's AWS account",
      name: "buyerAccountId",
      value: values["buyerAccountId"],
      options: [
        [newcomer, `${newcomer}, a new buyer`],
        ...buyers.map(({ account, bought }) => [account, `${account}, who bought ${bought}`] as const),
      ],
      hint: "Made up. The same buyer may come again.",
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
    <details
      ${["otherAccountId", "proposerAccountId", "paymentFails"].some((name) => values[name]) ? "open" : ""}
    >
      <summary>Rarer cases</summary>
      <div class="stack">
        ${field({
          label: "Another account of the buyer's",
          name: "otherAccountId",
          value: values["otherAccountId"],
          hint: "Any 12 digits, in place of the account above.",
        })}
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

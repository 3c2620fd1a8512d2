import { html } from "hono/html";
import { type Agreement, isEnded, isSettled } from "../../rules/agreement/agreement.ts";
import { hasContract, speaksSns } from "../../rules/catalogue.ts";
import { customerIdentifierOf } from "../../rules/identity.ts";
import type { Listing } from "../../rules/listing.ts";
import { isSuspended } from "../../rules/state.ts";
import type { World } from "../world.ts";
import { badge, agreementPath } from "./agreement-list-view.ts";
import { standingOf } from "./agreement-words.ts";
import { changeForms, type Viewed } from "./change-forms.ts";
import { action } from "./field.ts";
import { listingPath, titleOf } from "./listing-words.ts";
import { billedView, storyView } from "./story-view.ts";
import { amount, type Html } from "./wording.ts";

export function agreementView(world: World, viewed: Viewed, nowMs: number): Html {
  const { agreement, listing } = viewed;
  const isOver = isSettled(agreement, nowMs);
  const suspended = isSuspended(world.state, agreement.buyerAccountId);
  return html`<p class="crumb"><a href="/storefront/agreements">Agreements</a></p>
    <h1>${listing.title}</h1>
    <div data-live="standing">
      <p class="tags">
        ${badge(standingOf(agreement, nowMs, suspended))}
        <span class="quiet">${whoseAgreement(agreement)}</span>
      </p>
    </div>
    <div class="columns agreement">
      <section class="card" aria-labelledby="setup-title">
        <div data-live="setup">${setupView(agreement, isEnded(agreement, nowMs))}</div>
      </section>
      <div class="side">
        <section class="card" aria-labelledby="story-title">
          <h2 id="story-title">What happens at AWS</h2>
          <div data-live="story">${storyView(world, agreement, listing, nowMs)}</div>
        </section>
        <section class="card" aria-labelledby="billed-title">
          <h2 id="billed-title">Billed so far</h2>
          <div data-live="billed">${billedView(world, agreement, listing)}</div>
        </section>
        <section class="card" aria-labelledby="names-title">
          <h2 id="names-title">What AWS calls it</h2>
          ${namesView(world, viewed)}
        </section>
      </div>
      <div>
        ${isOver ? "" : changeForms(viewed)}
        <section class="card" aria-labelledby="aws-title">
          <h2 id="aws-title">What AWS can do</h2>
          ${awsSide(agreement, { suspended, isOver })}
        </section>
      </div>
    </div>`;
}

const whoseAgreement = ({ buyerAccountId, freeTrial }: Agreement): Html =>
  html`Buyer ${buyerAccountId}${freeTrial ? html` · <span class="tag">Free trial</span>` : ""}`;

/** Also of an agreement whose payment will fail: AWS sends the buyer on before it knows. */
const setupView = ({ id, freeTrial }: Agreement, isOver: boolean): Html =>
  html`<h2 id="setup-title">Set up your account</h2>
    ${
      isOver
        ? html`<p>The agreement is over: AWS sends nobody to the seller for it any more.</p>`
        : html`<p>
              AWS sends your browser to the seller's registration page with a token that says who you
              are${freeTrial ? ", and that it is a free trial" : ""}. It is good for 4 hours, and you may do
              it again.
            </p>
            ${action(`${agreementPath(id)}/setup`, "Set up your account", "primary")}`
    }`;

function namesView({ catalogue }: World, { agreement, listing }: Viewed): Html {
  const names: (readonly [string, string | false])[] = [
    ["Agreement id", agreement.id],
    ["License ARN", agreement.licenseArn],
    [
      "Customer identifier",
      speaksSns(listing) && customerIdentifierOf(catalogue.sellerAccountId, agreement.buyerAccountId),
    ],
    ["Offer id", agreement.offerId],
    [
      "Offered by",
      agreement.proposerAccountId === catalogue.sellerAccountId
        ? "the seller"
        : `channel partner ${agreement.proposerAccountId}`,
    ],
  ];
  return html`<dl class="facts">
    <dt>Product</dt>
    <dd><a href="${listingPath(listing.code)}">${listing.title}</a></dd>
    ${names.map(([name, value]) =>
      value === false
        ? ""
        : html`<dt>${name}</dt>
            <dd>${value.includes(" ") ? value : html`<code>${value}</code>`}</dd>`,
    )}
    ${
      hasContract(listing)
        ? html`<dt>Bought in advance</dt>
            <dd>${entitlementsText(agreement, listing)}</dd>`
        : ""
    }
  </dl>`;
}

const entitlementsText = ({ entitlements }: Agreement, listing: Listing): string =>
  entitlements
    .map(({ dimension, value }) => {
      const text = typeof value === "number" ? amount(value) : String(value);
      return `${titleOf(listing, dimension)}: ${text}`;
    })
    .join(", ") || "nothing";

const awsSide = (
  { id, buyerAccountId }: Agreement,
  { suspended, isOver }: { suspended: boolean; isOver: boolean },
): Html =>
  html`<p>
      ${
        suspended
          ? "The buyer's account is suspended: AWS takes no usage of any of its agreements."
          : "Suspend the buyer's account, as when a bill is not paid: AWS takes no usage of any of its agreements until it is reinstated."
      }
    </p>
    <div class="row">
      ${
        suspended
          ? action(`${agreementPath(id)}/reinstate`, `Reinstate ${buyerAccountId}`)
          : action(`${agreementPath(id)}/suspend`, `Suspend ${buyerAccountId}`, "danger")
      }
      ${isOver ? "" : action(`${agreementPath(id)}/terminate`, "End the agreement, as AWS", "danger")}
    </div>`;

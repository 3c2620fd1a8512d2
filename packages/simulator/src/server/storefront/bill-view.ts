import { html } from "hono/html";
import { bill } from "../../rules/metering/bill.ts";
import { findListing } from "../../rules/listing.ts";
import type { World } from "../world.ts";
import { titleOf } from "./listing-words.ts";
import { amount, counted, type Html, hourText, licenseText, moment } from "./wording.ts";

type Bill = ReturnType<typeof bill>;
type Total = Bill["totals"][number];

/** Of one dimension; a month has 744 hours. */
const mostHours = 24;
/** Buyers with usage whose lines are shown, the latest. */
const mostTotals = 100;

/** What buyers are charged for: products, in them dimensions of licenses, with their hours and tags. */
export function billView({ catalogue, state }: World): Html {
  const whole = bill(catalogue, state);
  const shown = whole.totals.slice(-mostTotals);
  const byProduct = Map.groupBy(shown, ({ productCode }) => productCode);
  return html`<h1>Bill</h1>
    <p class="lead">
      Usage that AWS has taken from the seller's software (BatchMeterUsage), once an hour for each dimension.
      AWS charges it at the listing's prices; the simulator counts units.
    </p>
    <div data-live="bill">
      ${
        whole.records.length === 0
          ? html`<p class="empty">
              Nothing is billed yet. Use the product, then let the hour pass: the seller reports an hour when
              it is over.
            </p>`
          : html`<p>${lastTaken(whole)}</p>`
      }
      ${[...byProduct].map(([productCode, totals]) => {
        const listing = findListing(catalogue, state, productCode);
        return html`<section class="card">
          <h2>${listing?.title ?? productCode}</h2>
          <div class="lines">
            ${totals.toReversed().map((total) => lineView(whole, total, titleOf(listing, total.dimension)))}
          </div>
        </section>`;
      })}
      ${
        whole.totals.length > shown.length
          ? html`<p class="quiet">
              ${counted(whole.totals.length - shown.length, "earlier line")} not shown.
            </p>`
          : ""
      }
    </div>`;
}

function lastTaken({ records }: Bill): Html {
  const last = records.reduce((latest, { acceptedAt }) => (acceptedAt > latest ? acceptedAt : latest), "");
  return html`AWS last took usage ${moment(Date.parse(last))}, and has
  ${counted(records.length, "usage record")} in all.`;
}

const ofTotal = (total: Total) => (part: Total) =>
  part.licenseArn === total.licenseArn &&
  part.dimension === total.dimension &&
  part.productCode === total.productCode;

function lineView(whole: Bill, total: Total, title: string): Html {
  const records = whole.records.filter(ofTotal(total)).toSorted((a, b) => (a.hour < b.hour ? 1 : -1));
  const tagged = whole.tagTotals.filter(ofTotal(total));
  const most = Math.max(...records.map(({ quantity }) => quantity), 1);
  return html`<div class="line">
    <h3>${title} <span class="quiet">${total.dimension}</span></h3>
    <p class="quantity"><b>${amount(total.quantity)}</b> <span class="quiet">billed in all</span></p>
    <p class="quiet">
      Buyer <code>${total.buyerAccountId}</code> · license
      <code title="${total.licenseArn}">${licenseText(total.licenseArn)}</code>
    </p>
    <div class="parts">
      <div>
        <h4>By hour (UTC)</h4>
        <ul class="bars">
          ${records.slice(0, mostHours).map(
            ({ hour, quantity, by }) =>
              html`<li>
                <span>${hourText(hour)}</span>
                <meter min="0" max="${most}" value="${quantity}" aria-label="${hourText(hour)}"></meter>
                <span class="number">${amount(quantity)}</span>
                <span class="quiet">${by === "license" ? "by license" : "by product code"}</span>
              </li>`,
          )}
        </ul>
        ${
          records.length > mostHours
            ? html`<p class="quiet">${counted(records.length - mostHours, "earlier hour")} not shown.</p>`
            : ""
        }
      </div>
      ${tagged.some(({ tags }) => tags.length > 0) ? tagsView(tagged) : ""}
    </div>
  </div>`;
}

const tagsView = (tagged: Bill["tagTotals"]): Html =>
  html`<div>
    <h4>By tags</h4>
    <ul class="bars">
      ${tagged.map(
        ({ tags, quantity }) =>
          html`<li>
            <span>${tags.map(([key, value]) => `${key} = ${value}`).join(", ") || "without tags"}</span>
            <span class="number">${amount(quantity)}</span>
          </li>`,
      )}
    </ul>
  </div>`;

import { html } from "hono/html";
import type { Agreement } from "../../rules/agreement/agreement.ts";
import { hasContract } from "../../rules/catalogue.ts";
import type { Listing } from "../../rules/listing.ts";
import { agreementPath } from "./agreement-list-view.ts";
import { action, field, quantityFields, quantityName } from "./field.ts";
import type { Form } from "./form.ts";
import { isEntitled } from "./listing-words.ts";
import { type Html, moment } from "./wording.ts";

/** What a page about one agreement is made of. */
export interface Viewed {
  readonly agreement: Agreement;
  readonly listing: Listing;
  /** What was filled in before, when it was refused. */
  readonly values: Form;
}

/** What a buyer may change about a running agreement; the rules decide whether he may do it now. */
export function changeForms({ agreement, listing, values }: Viewed): Html {
  const path = agreementPath(agreement.id);
  const entitled = hasContract(listing) ? listing.dimensions.filter(isEntitled) : [];
  const quantities = { ...boughtOf(agreement), ...values };
  return html`${
      entitled.length === 0
        ? ""
        : html`<section class="card" aria-labelledby="change-title">
            <h2 id="change-title">Change what you bought</h2>
            <form method="post" class="stack">
              <fieldset>
                <legend class="hidden">How many, in advance</legend>
                <div class="row">${quantityFields(entitled, quantities)}</div>
              </fieldset>
              <div class="row">
                ${field({
                  ...{
                    label: "Last day of the new term",
                    name: "endOn",
                    type: "date",
                    value: values["endOn"],
                  },
                  hint: "For a renewal or replacement. Empty: a term as long as this one.",
                })}
                ${field({
                  ...{ label: "Private offer's id", name: "offerId", value: values["offerId"] },
                  hint: "For a renewal or replacement. Empty: AWS makes one up.",
                })}
              </div>
              <ul class="choices">
                ${choice(path, "amend", "Change the quantities", "The same agreement, amended at once.")}
                ${choice(path, "replace", "Upgrade or replace", "Another offer takes this one's place at once: a new agreement.")}
                ${choice(path, "renew", "Renew now", "The next term begins at once: a new agreement.")}
              </ul>
            </form>
          </section>`
    }
    ${agreement.endAtMs === null ? "" : renewalView(agreement, path, agreement.endAtMs, entitled.length === 0)}
    <section class="card" aria-labelledby="cancel-title">
      <h2 id="cancel-title">Cancel</h2>
      <p>
        AWS ends the agreement at once, and tells the seller. Usage of the last hour can still be reported.
      </p>
      ${action(`${path}/cancel`, "Cancel the agreement", "danger")}
    </section>`;
}

const boughtOf = ({ entitlements }: Agreement): Form =>
  Object.fromEntries(entitlements.map(({ dimension, value }) => [quantityName(dimension), String(value)]));

const choice = (path: string, verb: string, label: string, meaning: string): Html =>
  html`<li><button formaction="${path}/${verb}">${label}</button> <span class="quiet">${meaning}</span></li>`;

/** Of a term: what becomes of it at its end. A listing without quantities has no other place for renewing now. */
const renewalView = ({ autoRenew }: Agreement, path: string, endAtMs: number, withRenew: boolean): Html =>
  html`<section class="card" aria-labelledby="renewal-title">
    <h2 id="renewal-title">At the end of the term</h2>
    <p>
      The term ends ${moment(endAtMs)}.
      ${autoRenew ? "It renews by itself then." : "It does not renew by itself."}
    </p>
    <div class="row">
      ${
        autoRenew
          ? action(`${path}/renewal-off`, "Turn auto-renewal off")
          : action(`${path}/renewal-on`, "Turn auto-renewal on")
      }
      ${withRenew ? action(`${path}/renew`, "Renew now") : ""}
    </div>
  </section>`;

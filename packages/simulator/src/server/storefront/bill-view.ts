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
  const byProduct = Map.groupBy(linesOf(whole, shown), ({ total }) => total.productCode);
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
          : html`<p>
              AWS last took usage ${lastTaken(whole.records)}, and has
              ${counted(whole.records.length, "usage record")} in all.
            </p>`
      }
      ${[...byProduct].map(([productCode, lines]) => {
        const listing = findListing(catalogue, state, productCode);
        return html`<section class="card">
          <h2>${listing?.title ?? productCode}</h2>
          <div class="lines">
            ${lines.toReversed().map((line) => lineView(line, titleOf(listing, line.total.dimension)))}
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

const lastTaken = (records: Bill["records"]): Html =>
  moment(records.reduce((latestMs, { acceptedAt }) => Math.max(latestMs, Date.parse(acceptedAt)), 0));

/** What a line of the bill is about. */
const subjectOf = ({ licenseArn, dimension }: Pick<Total, "licenseArn" | "dimension">): string =>
  `${licenseArn} ${dimension}`;

/** Everything on the bill that is about one license and dimension. */
interface Line {
  readonly total: Total;
  readonly records: Bill["records"];
  readonly tagged: Bill["tagTotals"];
}

function linesOf(whole: Bill, shown: readonly Total[]): readonly Line[] {
  const records = Map.groupBy(whole.records, subjectOf);
  const tagged = Map.groupBy(whole.tagTotals, subjectOf);
  return shown.map((total) => ({
    total,
    records: (records.get(subjectOf(total)) ?? []).toSorted((a, b) => b.hour.localeCompare(a.hour)),
    tagged: tagged.get(subjectOf(total)) ?? [],
  }));
}

function lineView({ total, records, tagged }: Line, title: string): Html {
  return html`<div class="line">
    <h3>${title} ${title === total.dimension ? "" : html`<span class="quiet">${total.dimension}</span>`}</h3>
    <p class="quantity"><b>${amount(total.quantity)}</b> <span class="quiet">billed in all</span></p>
    <p class="quiet">
      Buyer <code>${total.buyerAccountId}</code> · license
      <code title="${total.licenseArn}">${licenseText(total.licenseArn)}</code> · last taken
      ${lastTaken(records)}
    </p>
    <div class="parts">
      <div>
        <h4>By hour (UTC)</h4>
        <ul class="bars">
          ${hourViews(records)}
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

/** The latest hours. Where usage came in several ways, which AWS adds up, each says how it came. */
function hourViews(records: Bill["records"]): readonly Html[] {
  const shown = records.slice(0, mostHours);
  const most = Math.max(...shown.map(({ quantity }) => quantity), 1);
  const wayOf = ({ by, region }: (typeof shown)[number]) =>
    `${by === "license" ? "by license" : "by product code"}, ${region}`;
  const isMixed = new Set(records.map(wayOf)).size > 1;
  return shown.map(
    (record) =>
      html`<li>
        <span
          >${hourText(record.hour)}
          ${isMixed ? html`<small class="quiet">${wayOf(record)}</small>` : ""}</span
        >
        <meter min="0" max="${most}" value="${record.quantity}" aria-label="${hourText(record.hour)}"></meter>
        <span class="number">${amount(record.quantity)}</span>
      </li>`,
  );
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

import { html } from "hono/html";
import { findProduct } from "../../rules/catalogue.ts";
import type { Notification } from "../../rules/notification/notification.ts";
import type { Call, CallLog } from "../call-log.ts";
import type { World } from "../world.ts";
import { agreementPath } from "./agreement-list-view.ts";
import { notificationWords, operationText, outcomeText } from "./seller-words.ts";
import { counted, type Html, inHowLong, moment } from "./wording.ts";

const mostCalls = 50;
const mostNotifications = 50;

/** What AWS will tell the seller, and what the seller's software asked AWS. */
export const sellerView = (world: World, calls: CallLog, nowMs: number): Html =>
  html`<h1>AWS and the seller</h1>
    <p class="lead">
      A buyer sees none of this: AWS tells the seller what happened, some time after it did, and the seller's
      software asks AWS.
    </p>
    <section class="card" aria-labelledby="ahead-title">
      <h2 id="ahead-title">What AWS will tell the seller</h2>
      <div data-live="notifications">${notificationsView(world, nowMs)}</div>
    </section>
    <section class="card" aria-labelledby="calls-title">
      <h2 id="calls-title">What the seller's software asked AWS</h2>
      <div data-live="calls">${callsView(calls)}</div>
    </section>`;

const sendAtOf = ({ dueAtMs, sendAtMs = dueAtMs }: Notification): number => sendAtMs;

function notificationsView(world: World, nowMs: number): Html {
  const all = Object.values(world.state.notifications).toSorted((a, b) => sendAtOf(a) - sendAtOf(b));
  if (all.length === 0) return html`<p class="empty">Nothing is waiting to be sent.</p>`;
  return html`<table class="stacking">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">About</th>
          <th scope="col">By</th>
        </tr>
      </thead>
      <tbody>
        ${all.slice(0, mostNotifications).map((each) => notificationView(world, each, nowMs))}
      </tbody>
    </table>
    ${
      all.length > mostNotifications
        ? html`<p class="quiet">${counted(all.length - mostNotifications, "later one")} not shown.</p>`
        : ""
    }`;
}

function notificationView(world: World, notification: Notification, nowMs: number): Html {
  const { kind, agreementId, content, overtaken, copies } = notification;
  const { text, term } = notificationWords[kind];
  const at = sendAtOf(notification);
  return html`<tr>
    <td data-label="When">${moment(at)} <small class="quiet">${inHowLong(at - nowMs)}</small></td>
    <td data-label="What">
      ${text} <small class="quiet">${term}</small>
      ${overtaken === true ? html`<span class="badge warn">after the next one</span>` : ""}
      ${copies === undefined ? "" : html`<span class="badge warn">once more</span>`}
    </td>
    <td data-label="About">${aboutAgreement(world, agreementId)}</td>
    <td data-label="By">${content.channel === "eventbridge" ? "EventBridge" : "SNS"}</td>
  </tr>`;
}

function aboutAgreement({ catalogue, state }: World, id: string | null): Html | string {
  const agreement = id === null ? undefined : state.agreements[id];
  if (agreement === undefined) return "the topic";
  const title = findProduct(catalogue, agreement.productCode)?.title ?? agreement.productCode;
  return html`<a href="${agreementPath(agreement.id)}">${title}</a>
    <small class="quiet">${agreement.buyerAccountId}</small>`;
}

function callsView(log: CallLog): Html {
  const calls = log.since(0);
  if (calls.length === 0) return html`<p class="empty">Nothing was asked yet.</p>`;
  return html`<table class="stacking">
      <thead>
        <tr>
          <th scope="col">Simulated time</th>
          <th scope="col">Asked</th>
          <th scope="col">Answer</th>
          <th scope="col">As</th>
        </tr>
      </thead>
      <tbody>
        ${calls.slice(-mostCalls).toReversed().map(callView)}
      </tbody>
    </table>
    ${
      calls.length > mostCalls
        ? html`<p class="quiet">${counted(calls.length - mostCalls, "earlier call")} not shown.</p>`
        : ""
    }`;
}

function callView({ simulatedAt, operation, records, outcome, fault, note, principal }: Call): Html {
  const isGood = outcome === "ok";
  const statuses = Object.entries(note ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return html`<tr>
    <td data-label="Simulated time">${moment(Date.parse(simulatedAt))}</td>
    <td data-label="Asked">
      ${operationText(operation)}
      <small class="quiet"
        >${operation}${records === undefined ? "" : `, ${counted(records, "record")}`}</small
      >
    </td>
    <td data-label="Answer">
      <span class="badge ${isGood ? "good" : "bad"}">${outcomeText(outcome)}</span>
      ${isGood ? "" : html`<small class="quiet">${outcome}</small>`}
      ${fault === undefined ? "" : html`<span class="badge warn">fault: ${fault}</span>`}
      ${statuses.length === 0 ? "" : html`<small class="quiet">${statuses.join(", ")}</small>`}
    </td>
    <td data-label="As">
      <small>${principal === undefined ? "unknown" : principal.split("/").slice(1).join("/")}</small>
    </td>
  </tr>`;
}

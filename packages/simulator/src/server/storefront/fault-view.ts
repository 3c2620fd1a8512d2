import { html } from "hono/html";
import { chaosName } from "../../rules/fault/chaos.ts";
import type { Fault, Faults } from "../../rules/fault/fault.ts";
import { notificationKinds } from "../../rules/notification/notification.ts";
import { type FaultKind, faultKinds, kindOf } from "./fault-words.ts";
import { action } from "./field.ts";
import { notificationWords } from "./seller-words.ts";
import { counted, type Html } from "./wording.ts";

/** Calls that a seller's software makes of the marketplace itself. */
const operations = [
  "ResolveCustomer",
  "BatchMeterUsage",
  "GetEntitlements",
  "SearchAgreements",
  "DescribeAgreement",
  "GetAgreementTerms",
  "GetAgreementEntitlements",
  "AssumeRole",
];

export function faultsView({ rules }: Faults): Html {
  const isChaos = rules.some(isOfChaos);
  return html`<h1>Faults</h1>
    <p class="lead">
      On AWS all of this happens, seldom and never when you look. Here it happens when you ask for it, so that
      you can see what the seller's software makes of it.
    </p>
    <section class="card" aria-labelledby="on-title">
      <h2 id="on-title">What goes wrong now</h2>
      <div data-live="faults">${rulesView(rules)}</div>
      <div class="row">
        ${
          isChaos
            ? action("/storefront/faults/chaos-off", "End chaos")
            : action("/storefront/faults/chaos-on", "Chaos: everything that passes by itself")
        }
        ${rules.length === 0 ? "" : action("/storefront/faults/clear", "Let nothing go wrong", "danger")}
      </div>
    </section>
    <h2>What can go wrong</h2>
    ${groups.map(
      ([title, ons]) =>
        html`<section class="card">
          <h3>${title}</h3>
          <ul class="faults">
            ${Object.entries(faultKinds)
              .filter(([, { asked }]) => ons.includes(asked.on))
              .map(([name, kind]) => kindView(name, kind))}
          </ul>
        </section>`,
    )}`;
}

const groups: readonly (readonly [string, readonly Fault["on"][]])[] = [
  ["What AWS tells the seller", ["notifications"]],
  ["What the seller's software asks AWS", ["calls"]],
  ["Single usage records", ["records", "results"]],
];

const kindView = (name: string, { title, effect, asked }: FaultKind): Html =>
  html`<li>
    <div>
      <h4>${title}</h4>
      <p>${effect}</p>
    </div>
    <form method="post" action="/storefront/faults">
      <input type="hidden" name="kind" value="${name}" />
      ${ofWhat(name, asked.on)}
      <div class="field times">
        <label for="times-${name}">Times</label>
        <input id="times-${name}" name="times" type="number" min="1" max="1000" value="1" />
      </div>
      <button name="how" value="next" aria-label="${title}: strike next">Strike next</button>
      <button name="how" value="always" aria-label="${title}: strike always">Strike always</button>
    </form>
  </li>`;

/** What a fault may be kept to, in words and as the rules name it. */
const scopes: Readonly<Partial<Record<Fault["on"], readonly (readonly [string, string])[]>>> = {
  notifications: notificationKinds.map((kind) => [kind, notificationWords[kind].term]),
  calls: operations.map((operation) => [operation, operation]),
};

function ofWhat(name: string, on: Fault["on"]): Html {
  const scope = scopes[on];
  return scope === undefined
    ? html``
    : html`<div class="field">
        <label for="of-${name}">Of</label>
        <select id="of-${name}" name="of">
          <option value="">any</option>
          ${scope.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
        </select>
      </div>`;
}

function rulesView(rules: readonly Fault[]): Html {
  if (rules.length === 0) return html`<p class="empty">Nothing. Everything works as AWS documents it.</p>`;
  const [chaotic, single] = [rules.filter(isOfChaos), rules.filter((rule) => !isOfChaos(rule))];
  return html`${single.length === 0 ? "" : singleView(single)}
  ${chaotic.length === 0 ? "" : chaosView(chaotic)}`;
}

const isOfChaos = ({ name }: Fault): boolean => name === chaosName;

const singleView = (rules: readonly Fault[]): Html =>
  html`<table class="stacking">
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col">Of</th>
        <th scope="col">How often</th>
        <th scope="col">Struck so far</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${rules.map(ruleView)}
    </tbody>
  </table>`;

const ruleView = (rule: Fault): Html =>
  html`<tr>
    <td data-label="What">${titleOfFault(rule)}</td>
    <td data-label="Of">${scopeOf(rule)}</td>
    <td data-label="How often">${oftenOf(rule)}</td>
    <td data-label="Struck so far"><b class="number">${counted(rule.struck, "time")}</b></td>
    <td class="act">
      ${
        rule.name === undefined
          ? ""
          : action(`/storefront/faults/take-back/${encodeURIComponent(rule.name)}`, "Take back")
      }
    </td>
  </tr>`;

const titleOfFault = (rule: Fault): string => kindOf(rule)?.title ?? rule.fault;

/** A mixture is looked at as one; what matters is what has struck. */
const chaosView = (rules: readonly Fault[]): Html =>
  html`<p>
      <span class="badge warn">Chaos</span> Each of these strikes now and then. So far
      ${counted(
        rules.reduce((sum, { struck }) => sum + struck, 0),
        "time",
      )}:
    </p>
    <ul class="plain chaos">
      ${rules.map(
        (rule) =>
          html`<li>
            <span>${titleOfFault(rule)} <small class="quiet">${scopeOf(rule)}, ${oftenOf(rule)}</small></span>
            <b class="number">${rule.struck}</b>
          </li>`,
      )}
    </ul>`;

function scopeOf(rule: Fault): string {
  switch (rule.on) {
    case "notifications":
      return rule.kind === undefined ? "any notification" : notificationWords[rule.kind].term;
    case "calls":
      return rule.operation ?? "any call";
    case "records":
      return rule.dimension ?? "any usage record";
    case "results":
      return "BatchMeterUsage";
  }
}

function oftenOf({ next, probability = 0 }: Fault): string {
  if (next !== undefined)
    return next === 0 ? "done" : `the next ${next === 1 ? "time" : counted(next, "time")}`;
  return probability === 1 ? "always" : `${Math.round(probability * 100)} in 100`;
}

import type { Access } from "@tollhouse/client/access";
import { html, raw } from "hono/html";
import { catalogue } from "./catalogue.ts";
import { type Tenant, usedBy } from "./tenant.ts";

type Markup = ReturnType<typeof html>;

const style = `
:root { color-scheme: light dark; --ink: #1a1a2e; --soft: #5a5f73; --paper: #fff; --ground: #f4f3fa; --line: #cfcbe3; --accent: #4b3fb5; --on-accent: #fff; --good: #14692f; --bad: #a01620; }
@media (prefers-color-scheme: dark) { :root { --ink: #eeedf6; --soft: #b3b1c7; --paper: #1d1b2b; --ground: #12111b; --line: #3d3a54; --accent: #b9b1ff; --on-accent: #16122f; --good: #8fe3a8; --bad: #ffaaa8; } }
* { box-sizing: border-box; }
body { margin: 0; padding: clamp(1rem, 5vw, 3rem) 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; display: grid; gap: 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .5rem 1rem; }
h1 { margin: 0; font-size: clamp(1.5rem, 5vw, 1.875rem); line-height: 1.2; } h2 { margin: 0 0 .75rem; font-size: 1.0625rem; }
p { margin: 0 0 .75rem; } p:last-child { margin: 0; } .soft { color: var(--soft); } .good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
section { padding: 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
.dimension { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem; padding: .75rem 0; border-top: 1px solid var(--line); }
.dimension:first-of-type { border-top: 0; padding-top: 0; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; }
button { padding: .5rem .875rem; border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button.quiet { background: none; color: inherit; border-color: var(--line); }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
ul { margin: 0; padding-left: 1.25rem; } output { font-variant-numeric: tabular-nums; font-weight: 600; }
`;

const page = (title: string, body: Markup): Markup =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;

export const notice = (title: string, text: string): Markup =>
  page(
    title,
    html`<h1>${title}</h1>
      <section><p>${text}</p></section>`,
  );

/** A tenant's workspace: what may be used, what was used, and what was heard of the subscription. */
export function workspace(tenant: Tenant, access: Access): Markup {
  const { title, dimensions } = catalogue(tenant.productCode);
  return page(
    title,
    html`<header>
        <div>
          <h1>${title}</h1>
          <span class="soft">Workspace of ${tenant.email ?? tenant.customerId}</span>
        </div>
        <form method="post" action="/leave"><button class="quiet">Leave</button></form>
      </header>
      <section>
        <h2>Your subscription</h2>
        ${standing(access)}
        <p class="soft">Known for ${String(access.ageSeconds)} s. Subscription ${tenant.subject}</p>
      </section>
      ${
        access.allowed && access.metered.length > 0
          ? html`<section>
              <h2>Use it</h2>
              ${access.metered.map((dimension) => use(dimension, dimensions[dimension] ?? dimension, tenant))}
            </section>`
          : ""
      }
      <section>
        <h2>Heard from Tollhouse</h2>
        ${
          tenant.heard.length === 0
            ? html`<p class="soft">Nothing yet.</p>`
            : html`<ul>
                ${tenant.heard.map((line) => html`<li>${line}</li>`)}
              </ul>`
        }
      </section>`,
  );
}

function standing({ allowed, explanation, stale, plans, features, entitlements }: Access): Markup {
  if (!allowed) return html`<p class="bad">Not in force: ${explanation ?? "nothing is known"}.</p>`;
  const bought = entitlements.map(({ dimension, value }) => `${dimension}: ${String(value)}`);
  return html`<p class="good">In force${stale ? ", as far as is known" : ""}</p>
    ${plans.length === 0 ? "" : html`<p>Plan ${plans.join(", ")}, with ${features.join(", ")}</p>`}
    ${bought.length === 0 ? "" : html`<p>Bought: ${bought.join(", ")}</p>`}`;
}

const use = (dimension: string, label: string, tenant: Tenant): Markup =>
  html`<div class="dimension">
    <div>
      ${label}<br />
      <span class="soft"
        >used here: <output data-dimension="${dimension}">${usedBy(tenant)[dimension] ?? "0"}</output></span
      >
    </div>
    <form method="post" action="/use">
      <input type="hidden" name="dimension" value="${dimension}" />
      ${["1", "2.5", "100"].map(
        (amount) =>
          html`<button name="quantity" value="${amount}" aria-label="Use ${amount} of ${label}">
            ${amount}
          </button>`,
      )}
    </form>
  </div>`;

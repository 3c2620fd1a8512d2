import { Hono } from "hono";
import { html } from "hono/html";
import { type Markup, page } from "./page.ts";

const meaning: Partial<Record<string, string>> = {
  iss: "who signed it; its keys are at /.well-known/jwks.json there",
  aud: "for which page it is",
  sub: "the customer, for good",
  product: "the product's code",
  license: "what was bought",
  subscription: "what usage and questions about access name",
  email: "the address that the buyer gave",
  email_verified: "whether the buyer has followed the link in the mail to it",
  reference: "your own name for the buyer, if a page of yours gave one",
  exp: "until when it is good",
  jti: "this token, so that it can be taken once",
};

/** Stands where the seller's product would: it shows what the product is handed, and believes none of it. */
export function productRoutes(): Hono {
  const routes = new Hono();
  routes.get("/*", (context) => context.html(page("Your product", visited)));
  routes.post("/*", async (context) => {
    const form = new URLSearchParams(await context.req.text());
    return context.html(page("Your product", handedOver(claimsIn(form.get("tollhouse-token") ?? ""))));
  });
  return routes;
}

const visited = html`<h1>Here your product would be</h1>
  <p>
    Buyers come here from the registration page, with a signed token in a form. Open the storefront,
    subscribe, and set up your account.
  </p>`;

const handedOver = (claims: Readonly<Record<string, unknown>>): Markup =>
  html`<h1>Here your product takes over</h1>
    <p>
      The registration page handed the buyer over with a signed token. This is what it says; your product
      verifies it with
      <code>createTokenVerifier</code> of <code>@tollhouse/client</code> before it believes a word.
    </p>
    <article>
      <dl>
        ${Object.entries(claims).map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>
                ${String(value)}${meaning[name] === undefined ? "" : html`<br /><span class="soft">${meaning[name]}</span>`}
              </dd>`,
        )}
      </dl>
    </article>
    <p class="soft">
      A product that does all of it comes with the repository: <code>npm start -- --with-example</code>.
    </p>`;

/** Reads, and verifies nothing: for show. */
function claimsIn(token: string): Readonly<Record<string, unknown>> {
  try {
    const [, payload = ""] = token.split(".");
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

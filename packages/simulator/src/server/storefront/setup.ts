import { html, raw } from "hono/html";
import { findAgreement } from "../../rules/agreement/find.ts";
import { findListing } from "../../rules/listing.ts";
import { issueToken } from "../../rules/registration/token.ts";
import { settle } from "../control/settle.ts";
import { agreementPath } from "./agreement-list-view.ts";
import { policy } from "./guard.ts";
import { head } from "./layout.ts";
import { submitScript } from "./live.ts";
import type { Shop } from "./shop.ts";
import type { Html } from "./wording.ts";

/** What AWS posts to the seller's page (Seller Guide, "SaaS customer onboarding" and "SaaS free trials"). */
interface HandOver {
  readonly agreementId: string;
  readonly product: string;
  readonly token: string;
  readonly freeTrial: boolean;
}

/** The page that sends the buyer's browser to the seller, with a fresh token. @throws ControlError for an unknown agreement */
export function setUp(shop: Shop, agreementId: string): { readonly page: Html; readonly policy: string } {
  const { world, registrationUrl } = shop;
  const token = settle(shop, issueToken(world.state, agreementId, world.nowMs()));
  const found = findAgreement(world.catalogue, world.state, agreementId);
  const agreement = "refusal" in found ? undefined : found.agreement;
  const product = findListing(world.catalogue, world.state, agreement?.productCode ?? "")?.title ?? "";
  const handOver = { agreementId, product, token, freeTrial: agreement?.freeTrial === true };
  return registrationUrl === undefined
    ? { page: tokenPage(handOver), policy: policy() }
    : { page: handOverPage(handOver, registrationUrl), policy: policy(new URL(registrationUrl).origin) };
}

const fieldsOf = ({ token, freeTrial }: HandOver): readonly (readonly [string, string])[] => [
  ["x-amzn-marketplace-token", token],
  ...(freeTrial ? ([["x-amzn-marketplace-offer-type", "free-trial"]] as const) : []),
];

/** Sends itself on; a browser without scripts has the button. */
const handOverPage = (handOver: HandOver, registrationUrl: string): Html =>
  alone(
    "Set up your account",
    html`<h1>On to the seller of ${handOver.product}</h1>
      <p>AWS Marketplace sends your browser to the seller, with a token that says who you are.</p>
      <form method="post" action="${registrationUrl}">
        ${fieldsOf(handOver).map(
          ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
        )}
        <button class="primary">Go on to the seller</button>
      </form>
      ${raw(`<script>${submitScript}</script>`)}`,
  );

const tokenPage = (handOver: HandOver): Html =>
  alone(
    "Registration token",
    html`<h1>A token for ${handOver.product}</h1>
      <p>
        The simulator was not told where the seller's registration page is (<code>registrationUrl</code> in
        its configuration), so that it cannot send your browser there. Post these fields to it as a form:
      </p>
      <dl class="facts">
        ${fieldsOf(handOver).map(
          ([name, value]) =>
            html`<dt><code>${name}</code></dt>
              <dd><code>${value}</code></dd>`,
        )}
      </dl>
      <p><a href="${agreementPath(handOver.agreementId)}">Back to the agreement</a></p>`,
  );

const alone = (title: string, body: Html): Html =>
  html`<!doctype html>
    <html lang="en">
      ${head(title)}
      <body class="alone">
        <main class="card">${body}</main>
      </body>
    </html>`;

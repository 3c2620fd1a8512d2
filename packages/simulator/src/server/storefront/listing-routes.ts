import { type Context, Hono } from "hono";
import { optIn } from "../../rules/agreement/opt-in.ts";
import { subscribe } from "../../rules/agreement/subscribe.ts";
import { findProduct } from "../../rules/catalogue.ts";
import { asListed, findListing, type Listing } from "../../rules/listing.ts";
import type { State } from "../../rules/state.ts";
import { settle } from "../control/settle.ts";
import type { World } from "../world.ts";
import { attempt, type Form, formOf } from "./form.ts";
import { listingsView, listingView } from "./listing-view.ts";
import { listingPath } from "./listing-words.ts";
import { purchaseOf } from "./purchase-form.ts";
import { afterwards, nothingHere, type Outcome, show } from "./show.ts";
import type { Shop } from "./shop.ts";
import type { SubscribeForm } from "./subscribe-form.ts";

/** What is sold, and how a buyer subscribes to it. */
export function listingRoutes(shop: Shop): Hono {
  const { world } = shop;
  const { catalogue, state } = world;
  const routes = new Hono();

  routes.get("/", (context) =>
    show(shop, context, {
      ...{ title: "Listings", section: "Listings", path: "/storefront" },
      body: listingsView(catalogue.products.map((product) => asListed(state, product))),
    }),
  );
  const showListing = (context: Context, listing: Listing, values: Form = {}, outcome?: Outcome) =>
    show(shop, context, {
      ...{ title: listing.title, section: "Listings", path: listingPath(listing.code), outcome },
      body: listingView(listing, { values, freshAccount: freshAccount(state), buyers: buyersOf(world) }),
    });
  const ofCode = async (context: Context, act: (listing: Listing) => Response | Promise<Response>) => {
    const listing = findListing(catalogue, state, context.req.param("code") ?? "");
    return listing === undefined ? nothingHere(shop, context) : act(listing);
  };

  routes.get("/listings/:code", (context) => ofCode(context, (listing) => showListing(context, listing)));
  routes.post("/listings/:code", (context) =>
    ofCode(context, async (listing) => {
      const form = await formOf(context);
      const outcome = attempt(() =>
        settle(shop, subscribe(catalogue, state, purchaseOf(listing.code, form), world.nowMs())),
      );
      if ("refused" in outcome) return showListing(context, listing, form, outcome);
      return afterwards(context, `/storefront/agreements/${outcome.answer.agreement.id}`, "subscribed");
    }),
  );
  routes.post("/listings/:code/opt-in", (context) =>
    ofCode(context, (listing) => {
      const outcome = attempt(() => settle(shop, optIn(catalogue, state, listing.code, world.nowMs())));
      if ("refused" in outcome) return showListing(context, listing, {}, outcome);
      return afterwards(context, listingPath(listing.code), "opted-in");
    }),
  );
  return routes;
}

/** The latest ones are those that somebody may want again. */
const mostBuyers = 20;

function buyersOf({ catalogue, state }: World): SubscribeForm["buyers"] {
  const bought = new Map<string, string>();
  for (const { buyerAccountId, productCode } of Object.values(state.agreements))
    bought.set(buyerAccountId, findProduct(catalogue, productCode)?.title ?? productCode);
  return [...bought].slice(-mostBuyers).map(([account, title]) => ({ account, bought: title }));
}

/** Made up, and nobody's here: the counter grows with every agreement. */
function freshAccount({ counter, agreements }: State): string {
  const taken = new Set(Object.values(agreements).map(({ buyerAccountId }) => buyerAccountId));
  for (let number = counter + 1; ; number += 1) {
    const account = String(700_000_000_000 + number);
    if (!taken.has(account)) return account;
  }
}

import type { Hono } from "hono";
import { type Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { ControlError } from "../control/request.ts";
import { agreementRoutes } from "./agreement-routes.ts";
import { billView } from "./bill-view.ts";
import { clockRoutes } from "./clock-routes.ts";
import { faultRoutes } from "./fault-routes.ts";
import { guards } from "./guard.ts";
import { listingRoutes } from "./listing-routes.ts";
import { sellerView } from "./seller-view.ts";
import { nothingHere, show } from "./show.ts";
import type { Shop } from "./shop.ts";

/** Pages for people, under `/storefront`: AWS Marketplace as a buyer sees it, and what is behind it. */
export function storefrontRoutes(shop: Shop): Hono {
  const routes = guards();
  routes.route("/agreements", agreementRoutes(shop));
  routes.route("/clock", clockRoutes(shop));
  routes.route("/faults", faultRoutes(shop));
  routes.get("/bill", (context) =>
    show(shop, context, {
      ...{ title: "Bill", section: "Bill", path: "/storefront/bill" },
      body: billView(shop.world),
    }),
  );
  routes.get("/seller", (context) =>
    show(shop, context, {
      ...{ title: "AWS and the seller", section: "AWS and the seller", path: "/storefront/seller" },
      body: sellerView(shop.world, shop.calls, shop.world.nowMs()),
    }),
  );
  routes.route("/", listingRoutes(shop));
  routes.all("/*", (context) => nothingHere(shop, context));
  routes.onError(answerError);
  return routes;
}

/** What could not even be read as one of our forms, and what went wrong here. */
function answerError(error: Error, context: Context): Response {
  if (error instanceof HTTPException) return error.getResponse();
  if (error instanceof ControlError) return context.text(error.message, error.status);
  process.stderr.write(`simulator: ${error.stack ?? error.message}\n`);
  return context.text("The storefront failed: see the simulator's log.", 500);
}

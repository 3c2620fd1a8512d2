import { Hono } from "hono";
import { sellerAccountChange } from "../seller-account.ts";
import type { Control } from "./control.ts";
import { bodyOf } from "./request.ts";

/** What the seller has set up in his account, and what may be wrong with it. */
export function accountRoutes({ account }: Control): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json(account.now));
  routes.put("/", async (context) => {
    account.change(await bodyOf(context, sellerAccountChange));
    return context.json(account.now);
  });
  routes.delete("/", (context) => {
    account.restore();
    return context.json(account.now);
  });
  return routes;
}

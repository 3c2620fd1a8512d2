import { Hono } from "hono";
import { reinstate, suspend } from "../../rules/agreement/suspend.ts";
import type { Control } from "./control.ts";
import { settle } from "./settle.ts";

/** What AWS does to a buyer's account. */
export function buyerRoutes(control: Control): Hono {
  const { world } = control;
  const routes = new Hono();
  const suspended = () =>
    Object.entries(world.state.suspendedBuyers).map(([buyerAccountId, atMs]) => ({
      buyerAccountId,
      suspendedAt: new Date(atMs).toISOString(),
    }));
  routes.get("/", (context) => context.json({ suspended: suspended() }));
  routes.post("/:id/suspend", (context) => {
    settle(control, suspend(world.state, context.req.param("id"), world.nowMs()));
    return context.json({ suspended: suspended() });
  });
  routes.post("/:id/reinstate", (context) => {
    settle(control, reinstate(world.state, context.req.param("id")));
    return context.json({ suspended: suspended() });
  });
  return routes;
}

import { Hono } from "hono";
import { chaosName } from "../../rules/fault/chaos.ts";
import type { Control } from "./control.ts";
import { addFault, beginChaos, setFaults, takeBack } from "./fault-change.ts";
import { chaosAsked, faultAsked, faultsAsked } from "./fault-request.ts";
import { bodyOf } from "./request.ts";

/** What shall go wrong with notifications and calls. */
export function faultRoutes({ world }: Control): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json(world.state.faults));
  routes.put("/", async (context) => {
    const { seed, rules } = await bodyOf(context, faultsAsked);
    return context.json(setFaults(world, rules, seed));
  });
  routes.post("/", async (context) => context.json(addFault(world, await bodyOf(context, faultAsked)), 201));
  routes.delete("/", (context) => context.json(setFaults(world, [])));
  routes.put(`/${chaosName}`, async (context) => {
    const { seed } = await bodyOf(context, chaosAsked);
    return context.json(beginChaos(world, seed));
  });
  routes.delete("/:name", (context) => context.json(takeBack(world, context.req.param("name"))));
  return routes;
}

import { Hono } from "hono";
import type * as z from "zod";
import type { Fault, Faults } from "../../rules/fault/fault.ts";
import type { Control } from "./control.ts";
import { faultAsked, faultsAsked } from "./fault-request.ts";
import { bodyOf } from "./request.ts";

/** What shall go wrong with notifications and calls. */
export function faultRoutes({ world }: Control): Hono {
  const routes = new Hono();
  const { state } = world;
  const set = (faults: Faults) => {
    world.apply([{ kind: "faults-set", faults }]);
    return faults;
  };
  const fresh = (asked: z.output<typeof faultAsked>): Fault => ({ ...asked, struck: 0 });

  routes.get("/", (context) => context.json(state.faults));
  routes.put("/", async (context) => {
    const { seed = state.seed, rules } = await bodyOf(context, faultsAsked);
    return context.json(set({ seed, drawn: 0, rules: rules.map(fresh) }));
  });
  routes.post("/", async (context) => {
    const rule = fresh(await bodyOf(context, faultAsked));
    return context.json(set({ ...state.faults, rules: [...state.faults.rules, rule] }), 201);
  });
  routes.delete("/", (context) => context.json(set({ seed: state.seed, drawn: 0, rules: [] })));
  return routes;
}

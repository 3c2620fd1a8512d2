import { Hono } from "hono";
import type * as z from "zod";
import { chaos, chaosName } from "../../rules/fault/chaos.ts";
import type { Fault, Faults } from "../../rules/fault/fault.ts";
import type { Control } from "./control.ts";
import { chaosAsked, faultAsked, faultsAsked } from "./fault-request.ts";
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
  const without = (name: string) => state.faults.rules.filter((rule) => rule.name !== name);

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
  // Whoever asked for single faults before meets them first.
  routes.put(`/${chaosName}`, async (context) => {
    const { seed } = await bodyOf(context, chaosAsked);
    const draws = seed === undefined ? state.faults : { seed, drawn: 0 };
    return context.json(set({ ...state.faults, ...draws, rules: [...without(chaosName), ...chaos()] }));
  });
  routes.delete("/:name", (context) =>
    context.json(set({ ...state.faults, rules: without(context.req.param("name")) })),
  );
  return routes;
}

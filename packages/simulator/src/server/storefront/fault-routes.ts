import { type Context, Hono } from "hono";
import * as z from "zod";
import { chaosName } from "../../rules/fault/chaos.ts";
import type { Fault } from "../../rules/fault/fault.ts";
import { addFault, beginChaos, setFaults, takeBack } from "../control/fault-change.ts";
import { faultAsked } from "../control/fault-request.ts";
import { ControlError } from "../control/request.ts";
import { faultsView } from "./fault-view.ts";
import { faultKinds } from "./fault-words.ts";
import { attempt, type Form, formOf, optional, read } from "./form.ts";
import { afterwards, type Outcome, show } from "./show.ts";
import type { Shop } from "./shop.ts";

const path = "/storefront/faults";

/** What shall go wrong, and what does. */
export function faultRoutes(shop: Shop): Hono {
  const { world } = shop;
  const routes = new Hono();
  const showFaults = (context: Context, outcome?: Outcome) =>
    show(shop, context, {
      ...{ title: "Faults", section: "Faults", path, outcome },
      body: faultsView(world.state.faults),
    });

  routes.get("/", (context) => showFaults(context));
  routes.post("/", async (context) => {
    const form = await formOf(context);
    const outcome = attempt(() => addFault(world, askedIn(form, nextName(world.state.faults.rules))));
    return "refused" in outcome ? showFaults(context, outcome) : afterwards(context, path, "fault-added");
  });
  routes.post("/take-back/:name", (context) => {
    takeBack(world, context.req.param("name"));
    return afterwards(context, path, "fault-taken-back");
  });
  routes.post("/clear", (context) => {
    setFaults(world, []);
    return afterwards(context, path, "faults-cleared");
  });
  routes.post("/chaos-on", (context) => {
    beginChaos(world);
    return afterwards(context, path, "chaos-on");
  });
  routes.post("/chaos-off", (context) => {
    takeBack(world, chaosName);
    return afterwards(context, path, "chaos-off");
  });
  return routes;
}

const faultForm = z.object({
  kind: z.string(),
  of: optional(z.string()),
  how: z.enum(["next", "always"], "Choose the next times, or always."),
  times: z
    .string()
    .regex(/^[1-9]\d{0,2}$|^1000$/, "How often is a whole number from 1 to 1000.")
    .transform(Number),
});

/** @throws ControlError with sentences for the person who filled it in */
function askedIn(form: Form, name: string): z.output<typeof faultAsked> {
  const { kind, of, how, times } = read(faultForm, form);
  const asked = faultKinds[kind]?.asked;
  const scope = asked?.on === "calls" ? { operation: of } : { kind: of };
  const often = how === "next" ? { next: times } : { probability: 1 };
  const parsed = faultAsked.safeParse({ ...asked, ...(of === undefined ? {} : scope), ...often, name });
  if (parsed.success) return parsed.data;
  throw new ControlError("request-invalid", "There is no such fault. Choose one of those below.", 400);
}

/** A name for taking this one back alone. */
function nextName(rules: readonly Fault[]): string {
  const numbers = rules.flatMap(({ name }) => /^storefront-(\d+)$/.exec(name ?? "")?.[1] ?? []);
  return `storefront-${Math.max(0, ...numbers.map(Number)) + 1}`;
}

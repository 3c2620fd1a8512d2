import { Hono } from "hono";
import { changeClock } from "../control/clock.ts";
import { clockStep } from "./clock-change.ts";
import { attempt, formOf } from "./form.ts";
import { afterwards } from "./show.ts";
import type { Shop } from "./shop.ts";

/** Pages of ours alone. */
const back = /^\/storefront(\/[\w%./-]*)?$/;

/** Moves the clock, and leads back to the page where the button was pressed. */
export function clockRoutes(shop: Shop): Hono {
  const routes = new Hono();
  routes.post("/", async (context) => {
    const form = await formOf(context);
    const path = back.exec(form["back"] ?? "")?.[0] ?? "/storefront";
    const step = clockStep(form["go"] ?? "");
    if (step === undefined) return context.redirect(path, 303);
    const change = step.change(shop.world.clock.read());
    const outcome = attempt(() => changeClock(shop, change));
    // The speed is to be seen on the clock itself.
    const isToBeTold = "answer" in outcome && change.nowMs !== undefined;
    return isToBeTold ? afterwards(context, path, "clock-changed") : context.redirect(path, 303);
  });
  return routes;
}

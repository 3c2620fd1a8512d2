import { Hono } from "hono";
import type { ClockReading } from "../clock.ts";
import { bodyOf, clockChange } from "./request.ts";
import type { Control } from "./control.ts";

const view = ({ nowMs, rate }: ClockReading) => ({ now: new Date(nowMs).toISOString(), rate });

export function clockRoutes({ world, delivery, onChange }: Control): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json(view(world.clock.read())));
  routes.post("/", async (context) => {
    const { now, rate, advanceSeconds } = await bodyOf(context, clockChange);
    const reading = world.clock.change({
      ...(now === undefined ? {} : { nowMs: now }),
      ...(advanceSeconds === undefined ? {} : { advanceMs: advanceSeconds * 1_000 }),
      ...(rate === undefined ? {} : { rate }),
    });
    onChange();
    void delivery.pump();
    return context.json(view(reading));
  });
  return routes;
}

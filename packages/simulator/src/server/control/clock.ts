import { Hono } from "hono";
import type { ClockReading, SimulatedClock } from "../clock.ts";
import { bodyOf, clockChange, clockWait, readQuery } from "./request.ts";
import type { Control } from "./control.ts";

const view = ({ nowMs, rate }: ClockReading) => ({ now: new Date(nowMs).toISOString(), rate });

/** Changes the clock and sends what has become due. @throws ClockError when it would go back */
export function changeClock(
  { world, delivery, onChange }: Control,
  change: Parameters<SimulatedClock["change"]>[0],
): ClockReading {
  const reading = world.clock.change(change);
  onChange();
  void delivery.pump();
  return reading;
}

export function clockRoutes(control: Control): Hono {
  const routes = new Hono();
  routes.get("/", async (context) => {
    const { reaches, withinSeconds } = readQuery(context, clockWait);
    return context.json(view(await control.world.clock.reaches(reaches, withinSeconds * 1_000)));
  });
  routes.post("/", async (context) => {
    const { now, rate, advanceSeconds } = await bodyOf(context, clockChange);
    const reading = changeClock(control, {
      ...(now === undefined ? {} : { nowMs: now }),
      ...(advanceSeconds === undefined ? {} : { advanceMs: advanceSeconds * 1_000 }),
      ...(rate === undefined ? {} : { rate }),
    });
    return context.json(view(reading));
  });
  return routes;
}

import { type Context, Hono } from "hono";
import { bill } from "../../rules/metering/bill.ts";
import type { Notification } from "../../rules/notification/notification.ts";
import { ClockError } from "../clock.ts";
import { accountRoutes } from "./account.ts";
import { agreementRoutes } from "./agreements.ts";
import { buyerRoutes } from "./buyers.ts";
import { clockRoutes } from "./clock.ts";
import type { Control } from "./control.ts";
import { faultRoutes } from "./faults.ts";
import { productRoutes } from "./products.ts";
import { ControlError } from "./request.ts";
import { subscriptionRoutes } from "./subscriptions.ts";

/** The simulator's own interface, under `/_simulator`. After each change, what has become due is sent. */
export function controlRoutes(control: Control): Hono {
  const routes = new Hono();
  routes.onError(answerError);
  routes.get("/health", (context) => context.json({ ok: true }));
  routes.route("/clock", clockRoutes(control));
  routes.route("/account", accountRoutes(control));
  routes.route("/agreements", agreementRoutes(control));
  routes.route("/buyers", buyerRoutes(control));
  routes.route("/products", productRoutes(control));
  routes.route("/faults", faultRoutes(control));
  routes.route("/subscriptions", subscriptionRoutes(control));
  routes.route("/", reportRoutes(control));
  routes.all("/*", () => {
    throw new ControlError("not-found", "the simulator's README lists what there is", 404);
  });
  return routes;
}

function reportRoutes({ world, delivery, calls }: Control): Hono {
  const routes = new Hono();
  routes.get("/bill", (context) => {
    const { productCode, buyerAccountId, licenseArn } = context.req.query();
    return context.json(bill(world.catalogue, world.state, { productCode, buyerAccountId, licenseArn }));
  });
  routes.get("/calls", (context) => {
    const { since = 0, operation } = context.req.query();
    return context.json({ calls: calls.since(Number(since) || 0, operation) });
  });
  routes.get("/notifications", (context) => {
    return context.json({ pending: Object.values(world.state.notifications).map(notificationView) });
  });
  routes.post("/notifications/flush", async (context) => context.json(await delivery.flush()));
  return routes;
}

const notificationView = ({ id, kind, agreementId, dueAtMs, sendAtMs, overtaken, copies }: Notification) => ({
  id,
  kind,
  agreementId,
  dueAt: new Date(dueAtMs).toISOString(),
  ...(sendAtMs === undefined ? {} : { sendAt: new Date(sendAtMs).toISOString() }),
  ...(overtaken === true ? { overtaken } : {}),
  ...(copies === undefined ? {} : { copies }),
});

function answerError(error: Error, context: Context): Response {
  if (error instanceof ControlError)
    return context.json({ code: error.code, message: error.message }, error.status);
  if (error instanceof ClockError) return context.json({ code: error.code, message: error.message }, 409);
  process.stderr.write(`simulator: ${error.stack ?? error.message}\n`);
  return context.json({ code: "simulator-failed", message: "see the simulator's log" }, 500);
}

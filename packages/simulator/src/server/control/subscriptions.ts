import { Hono } from "hono";
import { findProduct } from "../../rules/catalogue.ts";
import { subscribeEndpoint } from "../../rules/sns/confirm.ts";
import type { SnsSubscription } from "../../rules/sns/subscription.ts";
import type { Control } from "./control.ts";
import { bodyOf, endpointSubscription } from "./request.ts";
import { settle } from "./settle.ts";

/** Who is subscribed to the topics of old listings. The token travels in the message alone. */
export function subscriptionRoutes(control: Control): Hono {
  const { world } = control;
  const { catalogue, state } = world;
  const routes = new Hono();
  const view = ({ topicArn, endpoint, subscriptionArn, confirmedAtMs }: SnsSubscription) => ({
    topicArn,
    endpoint,
    subscriptionArn,
    confirmedAt: confirmedAtMs === null ? null : new Date(confirmedAtMs).toISOString(),
  });
  routes.get("/", (context) =>
    context.json({ subscriptions: Object.values(state.snsSubscriptions).map(view) }),
  );
  routes.post("/", async (context) => {
    const asked = await bodyOf(context, endpointSubscription);
    const configured = findProduct(catalogue, asked.productCode)?.notificationEndpoint;
    const endpoint = asked.endpoint ?? configured ?? "queue";
    const decision = subscribeEndpoint(catalogue, state, { ...asked, endpoint }, world.nowMs());
    return context.json(view(settle(control, decision)), 201);
  });
  return routes;
}

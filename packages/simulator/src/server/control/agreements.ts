import { Hono } from "hono";
import type { Agreement } from "../../rules/agreement/agreement.ts";
import { cancel } from "../../rules/agreement/cancel.ts";
import { subscribe } from "../../rules/agreement/subscribe.ts";
import { upgrade } from "../../rules/agreement/upgrade.ts";
import type { Decision } from "../../rules/decision.ts";
import { issueToken } from "../../rules/registration/token.ts";
import { agreementView } from "./agreement-view.ts";
import { bodyOf, ControlError, newEntitlements, purchase } from "./request.ts";
import type { Control } from "./control.ts";

/** What a buyer does: accept an offer, press "Set up your account" again, upgrade, cancel. */
export function agreementRoutes({ world, delivery }: Control): Hono {
  const { catalogue, state } = world;
  const routes = new Hono();
  const view = (agreement: Agreement) => agreementView(catalogue, agreement, world.nowMs());
  const settle = <Answer>(decision: Decision<Answer>): Answer => {
    const outcome = world.carryOut(decision);
    if ("refusal" in outcome) throw refusedAs(outcome.refusal.code, outcome.refusal.message);
    void delivery.pump();
    return outcome.answer;
  };

  routes.get("/", (context) => context.json({ agreements: Object.values(state.agreements).map(view) }));
  routes.post("/", async (context) => {
    const { startAt, endAt, ...rest } = await bodyOf(context, purchase);
    const wanted = { ...rest, startAtMs: startAt, endAtMs: endAt };
    const { agreement, registrationToken } = settle(subscribe(catalogue, state, wanted, world.nowMs()));
    return context.json({ ...view(agreement), registrationToken }, 201);
  });
  routes.post("/:id/cancel", (context) =>
    context.json(view(settle(cancel(catalogue, state, context.req.param("id"), world.nowMs())))),
  );
  routes.post("/:id/token", (context) =>
    context.json({ registrationToken: settle(issueToken(state, context.req.param("id"), world.nowMs())) }),
  );
  routes.put("/:id/entitlements", async (context) => {
    const { entitlements } = await bodyOf(context, newEntitlements);
    const id = context.req.param("id");
    return context.json(view(settle(upgrade(catalogue, state, id, entitlements, world.nowMs()))));
  });
  return routes;
}

const conflicting = ["already-subscribed", "too-many-agreements", "agreement-ended"];

function refusedAs(code: string, message: string): ControlError {
  if (code === "agreement-unknown") return new ControlError(code, message, 404);
  return new ControlError(code, message, conflicting.includes(code) ? 409 : 400);
}

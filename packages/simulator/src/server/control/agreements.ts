import { type Context, Hono } from "hono";
import type { Agreement } from "../../rules/agreement/agreement.ts";
import { amend } from "../../rules/agreement/amend.ts";
import { cancel, terminate } from "../../rules/agreement/cancel.ts";
import { inform } from "../../rules/agreement/inform.ts";
import { subscribe } from "../../rules/agreement/subscribe.ts";
import { renew, replace } from "../../rules/agreement/succeed.ts";
import type { Decision } from "../../rules/decision.ts";
import { issueToken } from "../../rules/registration/token.ts";
import { agreementView } from "./agreement-view.ts";
import type { Control } from "./control.ts";
import { amendment, bodyOf, information, newEntitlements, purchase, succession } from "./request.ts";
import { settle } from "./settle.ts";

/** What a buyer does: accept an offer, press "Set up your account" again, renew, replace, change, cancel. */
export function agreementRoutes(control: Control): Hono {
  const { world } = control;
  const { catalogue, state } = world;
  const routes = new Hono();
  const view = (agreement: Agreement) => agreementView(catalogue, agreement, world.nowMs());
  const answer = (context: Context, decision: Decision<Agreement>) =>
    context.json(view(settle(control, decision)));

  routes.get("/", (context) => {
    const nowMs = world.nowMs();
    const all = Object.values(state.agreements);
    return context.json({ agreements: all.map((one) => agreementView(catalogue, one, nowMs)) });
  });
  routes.post("/", async (context) => {
    const { startAt, endAt, ...rest } = await bodyOf(context, purchase);
    const wanted = { ...rest, startAtMs: startAt, endAtMs: endAt };
    const decision = subscribe(catalogue, state, wanted, world.nowMs());
    const { agreement, registrationToken } = settle(control, decision);
    return context.json({ ...view(agreement), registrationToken }, 201);
  });
  routes.post("/:id/cancel", (context) =>
    answer(context, cancel(catalogue, state, context.req.param("id"), world.nowMs())),
  );
  routes.post("/:id/terminate", (context) =>
    answer(context, terminate(catalogue, state, context.req.param("id"), world.nowMs())),
  );
  for (const [path, succeed] of Object.entries({ renew, replace }))
    routes.post(`/:id/${path}`, async (context) => {
      const { endAt, ...rest } = await bodyOf(context, succession);
      const id = context.req.param("id");
      return answer(context, succeed(catalogue, state, id, { ...rest, endAtMs: endAt }, world.nowMs()));
    });
  routes.post("/:id/amend", async (context) => {
    const change = await bodyOf(context, amendment);
    return answer(context, amend(catalogue, state, context.req.param("id"), change, world.nowMs()));
  });
  routes.put("/:id/entitlements", async (context) => {
    const change = await bodyOf(context, newEntitlements);
    return answer(context, amend(catalogue, state, context.req.param("id"), change, world.nowMs()));
  });
  routes.post("/:id/events", async (context) => {
    const event = await bodyOf(context, information);
    return answer(context, inform(catalogue, state, context.req.param("id"), event, world.nowMs()));
  });
  routes.post("/:id/token", (context) => {
    const decision = issueToken(state, context.req.param("id"), world.nowMs());
    return context.json({ registrationToken: settle(control, decision) });
  });
  return routes;
}

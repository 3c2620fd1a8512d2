import { type Context, Hono } from "hono";
import type { Agreement } from "../../rules/agreement/agreement.ts";
import { amend } from "../../rules/agreement/amend.ts";
import { cancel, terminate } from "../../rules/agreement/cancel.ts";
import { findAgreement } from "../../rules/agreement/find.ts";
import { renew, replace } from "../../rules/agreement/succeed.ts";
import { reinstate, suspend } from "../../rules/agreement/suspend.ts";
import type { Decision } from "../../rules/decision.ts";
import { settle } from "../control/settle.ts";
import { agreementPath, agreementsView } from "./agreement-list-view.ts";
import { agreementView } from "./agreement-view.ts";
import type { done } from "./done.ts";
import { attempt, type Form, formOf } from "./form.ts";
import { entitlementsOf, successionOf } from "./purchase-form.ts";
import { setUp } from "./setup.ts";
import { afterwards, nothingHere, type Outcome, show } from "./show.ts";
import type { Shop } from "./shop.ts";

interface Act {
  readonly agreement: Agreement;
  readonly form: Form;
  readonly nowMs: number;
}
/** What is done, and the agreement to look at afterwards; `undefined` for the same one. */
type Action = readonly [keyof typeof done, (act: Act) => Agreement | undefined];

/** What buyers accepted, what they may do with it, and what AWS may. */
export function agreementRoutes(shop: Shop): Hono {
  const { world } = shop;
  const routes = new Hono();
  const { catalogue, state } = world;

  routes.get("/", (context) =>
    show(shop, context, {
      ...{ title: "Agreements", section: "Agreements", path: "/storefront/agreements" },
      body: agreementsView(world, world.nowMs()),
    }),
  );
  const showAgreement = (context: Context, id: string, values: Form = {}, outcome?: Outcome) => {
    const nowMs = world.nowMs();
    const found = findAgreement(catalogue, state, id);
    if ("refusal" in found) return nothingHere(shop, context);
    return show(shop, context, {
      ...{ title: found.product.title, section: "Agreements", path: agreementPath(id), outcome },
      body: agreementView(world, { agreement: found.agreement, listing: found.product, values }, nowMs),
    });
  };

  routes.get("/:id", (context) => showAgreement(context, context.req.param("id")));
  routes.post("/:id/setup", async (context) => {
    const outcome = attempt(() => setUp(shop, context.req.param("id")));
    if ("refused" in outcome) return showAgreement(context, context.req.param("id"), {}, outcome);
    context.header("content-security-policy", outcome.answer.policy);
    return context.html(outcome.answer.page);
  });
  for (const [verb, [what, act]] of Object.entries(actions(shop)))
    routes.post(`/:id/${verb}`, async (context) => {
      const id = context.req.param("id");
      const form = await formOf(context);
      const nowMs = world.nowMs();
      const found = findAgreement(catalogue, state, id);
      if ("refusal" in found) return nothingHere(shop, context);
      const outcome = attempt(() => act({ agreement: found.agreement, form, nowMs }));
      if ("refused" in outcome) return showAgreement(context, id, form, outcome);
      return afterwards(context, agreementPath(outcome.answer?.id ?? id), what);
    });
  return routes;
}

/** By the last part of the path to which the form is posted. */
function actions(shop: Shop): Readonly<Record<string, Action>> {
  const { catalogue, state } = shop.world;
  const carryOut = <Answer>(decision: Decision<Answer>) => settle(shop, decision);
  const renewal =
    (autoRenew: boolean) =>
    ({ agreement, nowMs }: Act) =>
      carryOut(amend(catalogue, state, agreement.id, { autoRenew }, nowMs));
  return {
    replace: [
      "replaced",
      ({ agreement, form, nowMs }) =>
        carryOut(replace(catalogue, state, agreement.id, successionOf(form), nowMs)),
    ],
    renew: [
      "renewed",
      ({ agreement, form, nowMs }) =>
        carryOut(renew(catalogue, state, agreement.id, successionOf(form), nowMs)),
    ],
    amend: [
      "amended",
      ({ agreement, form, nowMs }) =>
        carryOut(amend(catalogue, state, agreement.id, { entitlements: entitlementsOf(form) }, nowMs)),
    ],
    "renewal-on": ["renewal-on", renewal(true)],
    "renewal-off": ["renewal-off", renewal(false)],
    cancel: ["cancelled", ({ agreement, nowMs }) => carryOut(cancel(catalogue, state, agreement.id, nowMs))],
    terminate: [
      "terminated",
      ({ agreement, nowMs }) => carryOut(terminate(catalogue, state, agreement.id, nowMs)),
    ],
    suspend: [
      "suspended",
      ({ agreement, nowMs }) => {
        carryOut(suspend(state, agreement.buyerAccountId, nowMs));
        return undefined;
      },
    ],
    reinstate: [
      "reinstated",
      ({ agreement }) => {
        carryOut(reinstate(state, agreement.buyerAccountId));
        return undefined;
      },
    ],
  };
}

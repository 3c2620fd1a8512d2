import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Agreement } from "../rules/agreement/agreement.ts";
import { cancel } from "../rules/agreement/cancel.ts";
import { subscribe } from "../rules/agreement/subscribe.ts";
import { upgrade } from "../rules/agreement/upgrade.ts";
import type { Decision } from "../rules/decision.ts";
import { bill } from "../rules/metering/bill.ts";
import { issueToken } from "../rules/registration/token.ts";
import { agreementView } from "./agreement-view.ts";
import type { CallLog } from "./call-log.ts";
import { type ClockReading, ClockError } from "./clock.ts";
import { clockRate } from "./configuration.ts";
import type { Delivery } from "./delivery.ts";
import type { World } from "./world.ts";

export interface Control {
  readonly world: World;
  readonly delivery: Delivery;
  readonly calls: CallLog;
  readonly onChange: () => void;
}

/** A control request that was refused, with the HTTP status it gets. */
class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: string;
  readonly status: 400 | 404 | 409;
  constructor(code: string, message: string, status: 400 | 404 | 409) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const entitlement = z.strictObject({
  dimension: z.string().min(1),
  value: z.union([z.number(), z.boolean(), z.string()]),
});
const clockChange = z.strictObject({
  now: instant.optional(),
  rate: clockRate.optional(),
  advanceSeconds: z.number().min(0).max(3_200_000_000).optional(),
});
const purchase = z.strictObject({
  productCode: z.string(),
  buyerAccountId: z.string().regex(/^\d{12}$/, "is no AWS account id"),
  offerId: z.string().optional(),
  proposerAccountId: z
    .string()
    .regex(/^\d{12}$/, "is no AWS account id")
    .optional(),
  startAt: instant.optional(),
  endAt: instant.optional(),
  entitlements: z.array(entitlement).optional(),
  freeTrial: z.boolean().optional(),
});
const newEntitlements = z.strictObject({ entitlements: z.array(entitlement) });

async function bodyOf<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  const value: unknown = await context.req.json().catch(() => undefined);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ControlError("request-invalid", z.prettifyError(parsed.error), 400);
}

const clockView = ({ nowMs, rate }: ClockReading) => ({ now: new Date(nowMs).toISOString(), rate });

/** The simulator's own interface, under `/_simulator`. After each change, what has become due is sent. */
export function controlRoutes(control: Control): Hono {
  const { world, delivery, calls } = control;
  const routes = new Hono();
  routes.onError(answerError);

  const settle = <Answer>(decision: Decision<Answer>): Answer => {
    const outcome = world.carryOut(decision);
    if ("refusal" in outcome) {
      const { code, message } = outcome.refusal;
      throw new ControlError(code, message, statusOf(code));
    }
    void delivery.pump();
    return outcome.answer;
  };
  const view = (agreement: Agreement) => agreementView(world.catalogue, agreement, world.nowMs());

  routes.get("/health", (context) => context.json({ ok: true }));
  routes.get("/clock", (context) => context.json(clockView(world.clock.read())));
  routes.post("/clock", async (context) => {
    const { now, rate, advanceSeconds } = await bodyOf(context, clockChange);
    const reading = world.clock.change({
      ...(now === undefined ? {} : { nowMs: now }),
      ...(advanceSeconds === undefined ? {} : { advanceMs: advanceSeconds * 1_000 }),
      ...(rate === undefined ? {} : { rate }),
    });
    control.onChange();
    void delivery.pump();
    return context.json(clockView(reading));
  });

  routes.get("/agreements", (context) =>
    context.json({ agreements: Object.values(world.state.agreements).map(view) }),
  );
  routes.post("/agreements", async (context) => {
    const { startAt, endAt, ...rest } = await bodyOf(context, purchase);
    const wanted = { ...rest, startAtMs: startAt, endAtMs: endAt };
    const { agreement, registrationToken } = settle(
      subscribe(world.catalogue, world.state, wanted, world.nowMs()),
    );
    return context.json({ ...view(agreement), registrationToken }, 201);
  });
  routes.post("/agreements/:id/cancel", (context) =>
    context.json(view(settle(cancel(world.catalogue, world.state, context.req.param("id"), world.nowMs())))),
  );
  routes.post("/agreements/:id/token", (context) =>
    context.json({
      registrationToken: settle(issueToken(world.state, context.req.param("id"), world.nowMs())),
    }),
  );
  routes.put("/agreements/:id/entitlements", async (context) => {
    const { entitlements } = await bodyOf(context, newEntitlements);
    const id = context.req.param("id");
    return context.json(view(settle(upgrade(world.catalogue, world.state, id, entitlements, world.nowMs()))));
  });

  routes.get("/bill", (context) => {
    const { productCode, buyerAccountId } = context.req.query();
    return context.json(bill(world.catalogue, world.state, { productCode, buyerAccountId }));
  });
  routes.get("/calls", (context) =>
    context.json({ calls: calls.since(Number(context.req.query("since") ?? 0) || 0) }),
  );
  routes.get("/notifications", (context) =>
    context.json({
      pending: Object.values(world.state.notifications).map(({ id, kind, agreementId, dueAtMs }) => ({
        id,
        kind,
        agreementId,
        dueAt: new Date(dueAtMs).toISOString(),
      })),
    }),
  );
  routes.post("/notifications/flush", async (context) => context.json(await delivery.flush()));
  routes.all("/*", () => {
    throw new ControlError("not-found", "the simulator's README lists what there is", 404);
  });
  return routes;
}

function statusOf(code: string): 400 | 404 | 409 {
  if (code.endsWith("-unknown")) return code === "agreement-unknown" ? 404 : 400;
  return ["already-subscribed", "too-many-agreements", "agreement-ended"].includes(code) ? 409 : 400;
}

function answerError(error: Error, context: Context): Response {
  if (error instanceof ControlError)
    return context.json({ code: error.code, message: error.message }, error.status);
  if (error instanceof ClockError) return context.json({ code: error.code, message: error.message }, 409);
  process.stderr.write(`simulator: ${error.stack ?? error.message}\n`);
  return context.json({ code: "simulator-failed", message: "see the simulator's log" }, 500);
}

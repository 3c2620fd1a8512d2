import type { AccessClient } from "@tollhouse/client/access";
import { tokenField, type VerifyToken } from "@tollhouse/client/token";
import type { UsagePublisher } from "@tollhouse/client/usage";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import { notice, workspace } from "./page.ts";
import { millionths } from "./quantity.ts";
import { Sessions } from "./session.ts";
import { count, type Tenants, usedBy } from "./tenant.ts";

export interface Parts {
  readonly tenants: Tenants;
  readonly publisher: Pick<UsagePublisher, "publish" | "flush">;
  readonly access: Pick<AccessClient, "access">;
  readonly verify: VerifyToken;
  readonly now: () => Promise<string>;
}

/** A token has less than a kilobyte. */
const maxFormBytes = 16_384;

/** A product as a seller might have it: buyers are handed over to it, use it, and are served while they may be. */
export function application({ tenants, publisher, access, verify, now }: Parts): Hono {
  const app = new Hono();
  const sessions = new Sessions(tenants);
  app.use(
    secureHeaders({
      referrerPolicy: "same-origin",
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use(bodyLimit({ maxSize: maxFormBytes }));
  // The form with a token comes from the registration page; all other forms are ours.
  for (const path of ["/use", "/leave"]) app.use(path, csrf());

  const enter = async (context: Context) => {
    const token = new URLSearchParams(await context.req.text()).get(tokenField) ?? undefined;
    const verified = await verify(token);
    if (verified.kind === "refused")
      return context.html(notice("You cannot come in by this", `${verified.explanation}.`), 400);
    sessions.open(context, tenants.enter(verified.buyer));
    return context.redirect("/", 303);
  };
  // A real product would let the buyer log in at /login, and then connect the subscription with that account.
  app.post("/welcome", enter);
  app.post("/login", enter);

  app.get("/", async (context) => {
    const tenant = sessions.of(context);
    if (tenant === undefined) return context.html(notice("Example Software", howToComeIn));
    const may = await access.access(tenant.subject, { product: tenant.productCode });
    return context.html(workspace(tenant, may));
  });
  app.post("/use", async (context) => {
    const tenant = sessions.of(context);
    if (tenant === undefined) return context.html(notice("You are not logged in", howToComeIn), 401);
    const form = new URLSearchParams(await context.req.text());
    const [dimension, quantity] = [form.get("dimension") ?? "", form.get("quantity") ?? ""];
    const may = await access.access(tenant.subject, { product: tenant.productCode });
    if (!may.allowed || !may.metered.includes(dimension)) return context.html(workspace(tenant, may), 403);
    if (millionths(quantity) === undefined)
      return context.html(notice("That is no amount", "Give a number such as 12 or 2.5."), 400);
    await publisher.publish({ subject: tenant.subject, dimension, quantity, time: await now() });
    count(tenant, dimension, quantity);
    return context.redirect("/", 303);
  });
  app.post("/leave", (context) => {
    sessions.close(context);
    return context.redirect("/", 303);
  });
  /** What was used, as this app counted it, once all of it is known to be stored. */
  app.get("/used", async (context) => {
    const tenant = sessions.of(context);
    if (tenant === undefined) return context.json({ code: "not-logged-in" }, 401);
    await publisher.flush();
    return context.json({ subject: tenant.subject, used: usedBy(tenant) });
  });
  for (const path of ["/welcome", "/login", "/use"]) app.get(path, (context) => context.redirect("/", 303));
  app.notFound((context) => context.html(notice("There is nothing here", howToComeIn), 404));
  app.onError((error, context) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    return context.html(notice("That did not work", "Please try again in a moment."), 503);
  });
  return app;
}

const howToComeIn =
  "Buyers come in from AWS Marketplace: subscribe, press “Set up your account”, and continue from the registration page.";

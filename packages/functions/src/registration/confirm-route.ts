import { confirmEmail } from "@tollhouse/core/contact/give-email";
import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import { Hono } from "hono/tiny";
import type { Door, Variables } from "./door.ts";
import { field, readPosted } from "./posted.ts";
import { messages } from "./text.ts";

const customerForm = /^cus-[0-9a-f]{24}$/;
const codeForm = /^[\w-]{16,64}$/;

/** The link in the confirmation mail. It asks for a press: programs that look at mails follow links, and confirm nothing by it. */
export function confirmRoutes({ ports, show, logger }: Door): Hono<{ Variables: Variables }> {
  const routes = new Hono<{ Variables: Variables }>();
  routes.get("/", (context) => {
    const { customer = "", code = "" } = context.req.query();
    if (!isLink(customer, code)) return show(context, 400, messages.linkOver);
    const fields = { [field.customer]: customer, [field.code]: code };
    const again = { action: "/register/confirm", fields, byItself: false, button: "Confirm" };
    return show(context, 200, { ...messages.confirm, again });
  });
  routes.post("/", async (context) => {
    const { customer = "", code = "" } = (await readPosted(context)) ?? {};
    const fields = { [field.customer]: customer, [field.code]: code };
    context.set("again", { action: "/register/confirm", fields, byItself: false, button: "Try again" });
    const done = isLink(customer, code) && (await confirmEmail(ports, customer as CustomerId, code));
    logger.info("E-mail link was followed", { confirmed: done });
    return done ? show(context, 200, messages.confirmed) : show(context, 400, messages.linkOver);
  });
  return routes;
}

const isLink = (customer: string, code: string): boolean =>
  customerForm.test(customer) && codeForm.test(code);

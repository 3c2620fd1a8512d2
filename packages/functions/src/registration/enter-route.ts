import { register, type Registration } from "@tollhouse/core/lifecycle/register";
import type { Door, DoorContext } from "./door.ts";
import type { Again } from "./page/message-page.ts";
import { registeredPage } from "./page/registered-page.ts";
import { field, type Posted, readPosted } from "./posted.ts";
import { badReference, messages } from "./text.ts";
import type { Visit } from "./token.ts";
import { customerOf, lookAt } from "./visitor.ts";

/** How often a page posts itself before only the buyer does; two minutes' worth is more than AWS was ever seen to need. */
const maxAttempts = 24;

/** A buyer comes from AWS Marketplace, or looks at the page once more. */
export async function enter(door: Door, context: DoorContext): Promise<Response> {
  const { ports, show, logger } = door;
  const posted = await readPosted(context);
  const { token, reference } = posted ?? {};
  if (posted === undefined) return show(context, 400, messages.noToken);
  if (token === undefined) return lookAgain(door, context, posted);
  context.set("again", { ...againWith(posted, token), button: "Try again" });
  if (typeof reference === "object") {
    logger.warn("Reference refused; the buyer may go on without it", { reason: reference.refused });
    return show(context, 400, { ...badReference(reference.refused), again: withoutReference(token) });
  }
  const registration = await register(ports, door.configuration, token, reference);
  note(door, registration);
  switch (registration.kind) {
    case "registered":
      return enterVisit(door, context, registration);
    case "license-awaited":
      return enterVisit(door, context, registration, carried(posted, token));
    case "buyer-awaited":
      return show(context, 503, { ...messages.buyerAwaited, again: againWith(posted, token) });
    case "refused":
      return show(context, 400, messages[registration.reason]);
    default:
      return registration satisfies never;
  }
}

/** Writes down that a buyer came, and how it ended; no token and nothing that names anybody. */
export function note({ logger, ports }: Door, registration: Registration): void {
  logger.info("Buyer came to register", {
    outcome: registration.kind,
    ...("reason" in registration && { reason: registration.reason }),
  });
  ports.measure({ BuyersRegistered: registration.kind === "registered" ? 1 : 0 });
}

/** What the page keeps while AWS has not named the license: the same token names it a moment later. */
const carried = ({ reference }: Posted, token: string): Record<string, string> => ({
  [field.token]: token,
  ...(typeof reference === "string" && { [field.reference]: reference }),
});

/** By a visit that was signed before, which is not prolonged. */
async function lookAgain(door: Door, context: DoorContext, { visit: signed }: Posted): Promise<Response> {
  if (signed === undefined) return door.show(context, 400, messages.noToken);
  const fields = { [field.visit]: signed };
  context.set("again", { action: "/register", fields, byItself: false, button: "Try again" });
  const visit = await door.ports.tokens.readVisit(signed);
  if (visit === undefined) return door.show(context, 400, messages.visitOver);
  return showVisit(door, context, visit, fields);
}

async function enterVisit(
  door: Door,
  context: DoorContext,
  { customerId, productCode, subscriptionId }: Visit,
  kept: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const visit = { customerId, productCode, subscriptionId };
  const signed = await door.ports.tokens.signVisit(visit);
  return showVisit(door, context, visit, { [field.visit]: signed, ...kept });
}

async function showVisit(
  { ports, configuration, show }: Door,
  context: DoorContext,
  visit: Visit,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const customer = await customerOf(ports.store, visit);
  if (customer === undefined) return show(context, 400, messages.erased);
  const shown = await lookAt(ports.store, configuration, visit, customer);
  return context.html(registeredPage(configuration.registrationPage, { ...shown, fields }));
}

const againWith = (posted: Posted, token: string): Again => ({
  action: "/register",
  fields: { ...carried(posted, token), [field.attempt]: String(posted.attempt + 1) },
  byItself: posted.attempt < maxAttempts,
  button: "Check again",
});

/** Nothing was resolved or stored yet; the token is as good as before. */
const withoutReference = (token: string): Again => ({
  action: "/register",
  fields: { [field.token]: token },
  byItself: false,
  button: "Go on without it",
});

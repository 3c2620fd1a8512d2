import { register } from "@tollhouse/core/lifecycle/register";
import type { Door, DoorContext } from "./door.ts";
import { note } from "./enter-route.ts";
import { documentTitle } from "./page/layout.ts";
import { field, type Posted, readPosted } from "./posted.ts";
import type { Visit } from "./token.ts";
import { standingAt } from "./visitor.ts";

/** The page's own script asks how the subscription stands. */
export async function tellStatus(door: Door, context: DoorContext): Promise<Response> {
  const { ports, configuration } = door;
  const posted = await readPosted(context);
  const known = posted?.visit === undefined ? undefined : await ports.tokens.readVisit(posted.visit);
  if (posted === undefined || known === undefined) return context.json({ code: "visit-over" }, 400);
  const { visit, fields } = await nameLicense(door, known, posted);
  const { title, text, tone, settled } = await standingAt(ports.store, visit);
  return context.json({
    ...{ title, text, tone, settled, documentTitle: documentTitle(configuration.registrationPage, title) },
    fields,
  });
}

interface Named {
  readonly visit: Visit;
  /** What the page keeps from now on. */
  readonly fields: Readonly<Record<string, string>>;
}

/** AWS is asked with the same token until it names the license, or knows the token no more. */
async function nameLicense(door: Door, known: Visit, { token, reference }: Posted): Promise<Named> {
  const unchanged = { visit: known, fields: {} };
  if (token === undefined) return unchanged;
  const given = typeof reference === "string" ? reference : undefined;
  const registration = await register(door.ports, door.configuration, token, given);
  note(door, registration);
  if (registration.kind === "refused") return { visit: known, fields: { [field.token]: "" } };
  // A token of another buyer belongs to another page.
  if (registration.kind !== "registered" || registration.customerId !== known.customerId) return unchanged;
  const { customerId, productCode, subscriptionId } = registration;
  const visit = { customerId, productCode, subscriptionId };
  // The token has done its work: the page forgets it.
  return { visit, fields: { [field.visit]: await door.ports.tokens.signVisit(visit), [field.token]: "" } };
}

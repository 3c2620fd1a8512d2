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
  const named = await nameLicense(door, known, posted);
  const { title, text, tone, settled } = await standingAt(ports.store, named ?? known);
  return context.json({
    ...{ title, text, tone, settled, documentTitle: documentTitle(configuration.registrationPage, title) },
    // The token has done its work: the page forgets it.
    fields:
      named === undefined ? {} : { [field.visit]: await ports.tokens.signVisit(named), [field.token]: "" },
  });
}

/** AWS is asked with the same token until it names the license. `undefined` when there is nothing to ask, or no answer yet. */
async function nameLicense(
  door: Door,
  known: Visit,
  { token, reference }: Posted,
): Promise<Visit | undefined> {
  if (token === undefined) return undefined;
  const given = typeof reference === "string" ? reference : undefined;
  const registration = await register(door.ports, door.configuration, token, given);
  note(door, registration);
  // A token of another buyer belongs to another page.
  if (registration.kind !== "registered" || registration.customerId !== known.customerId) return undefined;
  const { customerId, productCode, subscriptionId } = registration;
  return { customerId, productCode, subscriptionId };
}

import { parseEmailAddress } from "@tollhouse/core/contact/email-address";
import { giveEmail } from "@tollhouse/core/contact/give-email";
import type { Customer } from "@tollhouse/core/lifecycle/customer";
import type { Door, DoorContext } from "./door.ts";
import { originOf } from "./headers.ts";
import { handOverPage } from "./page/hand-over-page.ts";
import { registeredPage } from "./page/registered-page.ts";
import { field, type Posted, readPosted } from "./posted.ts";
import { messages, tooManyMails } from "./text.ts";
import { buyerOf, customerOf, lookAt } from "./visitor.ts";

/** A buyer goes on to the seller's page, with a token that says who it is. */
export async function goOn(door: Door, context: DoorContext): Promise<Response> {
  const { ports, configuration, show, logger } = door;
  const { registrationPage } = configuration;
  const posted = await readPosted(context);
  const visit = posted?.visit === undefined ? undefined : await ports.tokens.readVisit(posted.visit);
  if (posted?.visit === undefined || visit === undefined) return show(context, 400, messages.visitOver);
  context.set("again", tryAgain(posted, posted.visit));
  const customer = await customerOf(ports.store, visit);
  if (customer === undefined) return show(context, 400, messages.erased);
  const mistake = posted.to === "login" ? undefined : await takeEmail(door, customer, posted.email);
  if (mistake !== undefined) {
    const shown = await lookAt(ports.store, configuration, visit, customer);
    const fields = fieldsOf(posted, posted.visit);
    const typed = { email: posted.email, mistake };
    return context.html(registeredPage(registrationPage, { ...shown, fields, typed }), 400);
  }
  const { continueUrl, loginUrl = continueUrl } = registrationPage;
  const target = posted.to === "login" ? loginUrl : continueUrl;
  const now = (await customerOf(ports.store, visit)) ?? customer;
  const token = await ports.tokens.signBuyer(await buyerOf(ports.store, visit, now), originOf(target));
  context.set("handsOver", true);
  logger.info("Buyer was handed over", { to: posted.to });
  return context.html(handOverPage(registrationPage, target, token));
}

/** Stores the address. Gives what is wrong with it, in words for the buyer. */
async function takeEmail(
  { ports, configuration }: Door,
  { id, contact }: Customer,
  typed: string,
): Promise<string | undefined> {
  if (typed === "" && contact !== undefined) return undefined;
  const email = parseEmailAddress(typed);
  if (typeof email === "object") return email.refused;
  const mails = configuration.registrationPage.mail !== undefined;
  const given = await giveEmail({ ...ports, mails }, id, email);
  if (given.kind === "stored") return undefined;
  return given.reason === "too-many" ? tooManyMails : messages.erased.text;
}

const fieldsOf = ({ token, reference }: Posted, visit: string): Record<string, string> => ({
  [field.visit]: visit,
  ...(token !== undefined && { [field.token]: token }),
  ...(typeof reference === "string" && { [field.reference]: reference }),
});

const tryAgain = (posted: Posted, visit: string) => ({
  action: "/register/continue",
  fields: { ...fieldsOf(posted, visit), [field.email]: posted.email, [field.to]: posted.to },
  byItself: false,
  button: "Try again",
});

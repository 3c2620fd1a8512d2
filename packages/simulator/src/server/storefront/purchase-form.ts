import * as z from "zod";
import type { PurchasedEntitlement } from "../../rules/agreement/agreement.ts";
import type { Purchase } from "../../rules/agreement/purchase.ts";
import type { Succession } from "../../rules/agreement/succeed.ts";
import { dayMs } from "../../rules/time.ts";
import { ControlError } from "../control/request.ts";
import { type Form, optional, read, ticked } from "./form.ts";
import { quantityName } from "./field.ts";

const account = (whose: string) =>
  z.string().regex(/^\d{12}$/, `${whose} account is a number of 12 digits, such as 123456789012.`);
const day = (which: string) =>
  z.iso
    .date(`${which} is no date: give year, month and day.`)
    .transform((text) => Date.parse(`${text}T00:00:00Z`));
const offerId = z
  .string()
  .max(64, "An offer's id has 64 characters at most.")
  .regex(/^\S+$/, "An offer's id has no spaces, e.g. offer-abcexample123.");
const quantity = z
  .string()
  .regex(/^\d{1,9}$/, "A quantity is a whole number from 0 to 999999999.")
  .transform(Number);

const purchaseForm = z.object({
  buyerAccountId: account("The buyer's"),
  otherAccountId: optional(account("The buyer's")),
  offer: z.enum(["public", "private"], "Choose the public or a private offer."),
  offerId: optional(offerId),
  proposerAccountId: optional(account("The partner's")),
  startOn: optional(day("The start")),
  endOn: optional(day("The end")),
  autoRenew: ticked,
  freeTrial: ticked,
  paymentFails: ticked,
});

const successionForm = z.object({ offerId: optional(offerId), endOn: optional(day("The end")) });

/** AWS: a term begins with its first day and ends with the last moment of its last (Seller Guide, future-dated agreements). */
const endOfDay = (startOfDayMs: number | undefined): number | undefined =>
  startOfDayMs === undefined ? undefined : startOfDayMs + dayMs - 1;

/** What a buyer accepts. @throws ControlError with sentences for the person who filled it in */
export function purchaseOf(productCode: string, form: Form): Purchase {
  const { offer, offerId: named, startOn, endOn, otherAccountId, ...rest } = read(purchaseForm, form);
  if (offer === "private" && named === undefined)
    throw new ControlError(
      "request-invalid",
      "Name the private offer: the seller sends its id to the buyer, e.g. offer-abcexample123.",
      400,
    );
  return {
    ...rest,
    buyerAccountId: otherAccountId ?? rest.buyerAccountId,
    productCode,
    offerId: offer === "private" ? named : undefined,
    startAtMs: startOn,
    endAtMs: endOfDay(endOn),
    entitlements: entitlementsOf(form),
  };
}

/** What the next agreement has of its own. @throws ControlError */
export function successionOf(form: Form): Succession {
  const { offerId: named, endOn } = read(successionForm, form);
  return { offerId: named, endAtMs: endOfDay(endOn), entitlements: entitlementsOf(form) };
}

/** Dimensions left empty are not bought. @throws ControlError */
export const entitlementsOf = (form: Form): PurchasedEntitlement[] =>
  Object.entries(form)
    .filter(([name, value]) => name.startsWith(quantityName("")) && value !== "")
    .map(([name, value]) => ({
      dimension: name.slice(quantityName("").length),
      value: read(z.object({ value: quantity }), { value }).value,
    }));

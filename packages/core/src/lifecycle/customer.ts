import { createHash } from "node:crypto";
import * as z from "zod";
import { type Instant, instant } from "../time/instant.ts";
import { contactSchema } from "../contact/contact.ts";
import type { FactId, Registered } from "./fact.ts";

/** Our record of a registered buyer. */
export type CustomerId = string & { readonly __brand: "CustomerId" };

const at = z.number().transform((value): Instant => instant(value));

export const customerSchema = z.object({
  id: z.string().transform((value) => value as CustomerId),
  /** Rises with every change; consumers keep the highest. */
  version: z.number(),
  /** The AWS account that accepts offers. */
  buyerAccountId: z.string().optional(),
  /** AWS's opaque name of the buyer, on listings made before June 2026. */
  customerIdentifier: z.string().optional(),
  /** The earliest registration known. */
  registeredAt: at,
  /** The seller's own name for the buyer, as the latest registration with one gave it. Several customers may have the same. */
  reference: z.string().optional(),
  /** When that registration happened, and its fact. */
  referencedAt: at.optional(),
  referencedBy: z
    .string()
    .transform((value) => value as FactId)
    .optional(),
  /** How to write to the buyer; given on the registration page, and personal data. */
  contact: contactSchema.optional(),
  /** When an operator had everything about the person or company erased. */
  erasedAt: at.optional(),
});

/** Everything that names the buyer is here and nowhere else but in the facts that the books rest on. */
export type Customer = Readonly<z.output<typeof customerSchema>>;

/** Computed, so that registering again finds the same customer: by AWS account where known, else by AWS's old identifier. */
export function customerIdOf(buyer: {
  buyerAccountId?: string | undefined;
  customerIdentifier?: string | undefined;
}): CustomerId {
  const name =
    buyer.buyerAccountId === undefined
      ? `identifier/${buyer.customerIdentifier ?? ""}`
      : `account/${buyer.buyerAccountId}`;
  return `cus-${createHash("sha256").update(name).digest("hex").slice(0, 24)}` as CustomerId;
}

/** The customer after one more registration; `undefined` when nothing new was said. Order makes no difference. */
export function registerCustomer(known: Customer | undefined, fact: Registered): Customer | undefined {
  const after: Customer = {
    id: customerIdOf(fact),
    version: (known?.version ?? 0) + 1,
    buyerAccountId: known?.buyerAccountId ?? fact.buyerAccountId,
    customerIdentifier: first(known?.customerIdentifier, fact.customerIdentifier),
    registeredAt: known === undefined || fact.at < known.registeredAt ? fact.at : known.registeredAt,
    ...latestReference(known, fact),
    ...(known?.contact !== undefined && { contact: known.contact }),
  };
  const news =
    known === undefined ||
    known.erasedAt !== undefined ||
    after.buyerAccountId !== known.buyerAccountId ||
    after.customerIdentifier !== known.customerIdentifier ||
    after.registeredAt !== known.registeredAt ||
    after.referencedBy !== known.referencedBy;
  return news ? after : undefined;
}

type Referenced = Pick<Customer, "reference" | "referencedAt" | "referencedBy">;

/** By the order of the facts, not of their arrival. */
function latestReference(known: Customer | undefined, { id, at, reference }: Registered): Referenced {
  const { referencedAt, referencedBy } = known ?? {};
  const isLater =
    referencedAt === undefined ||
    at > referencedAt ||
    (at === referencedAt && (referencedBy === undefined || id > referencedBy));
  if (reference !== undefined && isLater) return { reference, referencedAt: at, referencedBy: id };
  return known?.reference === undefined ? {} : { reference: known.reference, referencedAt, referencedBy };
}

/** AWS gives one buyer one identifier; should it ever give two, the choice must not depend on which came first. */
const first = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a < b ? a : b;

import { parseReference, type Reference } from "@tollhouse/core/lifecycle/reference";
import type { Context } from "hono";

/** A form with a token and AWS's few hints; real ones have about a kilobyte. */
export const maxFormBytes = 16_384;
const maxTokenLength = 8_192;

/** The names under which things are posted. */
export const field = {
  /** AWS Marketplace's own. */
  token: "x-amzn-marketplace-token",
  /** The seller's own name for the buyer, when a page of the seller's stands before ours. */
  reference: "reference",
  /** Who is on the page, signed by us. */
  visit: "visit",
  /** How often a page has posted itself. */
  attempt: "attempt",
  email: "email",
  /** Which button was pressed. */
  to: "to",
  customer: "customer",
  code: "code",
} as const;

/** What a browser posted. Nothing else is looked at, and nothing of it is believed but what is signed or AWS resolves. */
export interface Posted {
  readonly token: string | undefined;
  readonly visit: string | undefined;
  readonly attempt: number;
  readonly reference: Reference | { readonly refused: string } | undefined;
  readonly email: string;
  readonly to: "product" | "login";
  readonly customer: string;
  readonly code: string;
}

/** `undefined` when it is no form of ours or AWS's. */
export async function readPosted(context: Context): Promise<Posted | undefined> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return undefined;
  const form = new URLSearchParams(await context.req.text());
  const textOf = (name: string) => form.get(name)?.trim() ?? "";
  const token = textOf(field.token);
  const visit = textOf(field.visit);
  if (token.length > maxTokenLength || visit.length > maxTokenLength) return undefined;
  const reference = textOf(field.reference);
  return {
    token: token === "" ? undefined : token,
    visit: visit === "" ? undefined : visit,
    attempt: Number(/^\d{1,3}$/.exec(textOf(field.attempt))?.[0] ?? 0),
    reference: reference === "" ? undefined : parseReference(reference),
    email: textOf(field.email),
    to: textOf(field.to) === "login" ? "login" : "product",
    customer: textOf(field.customer),
    code: textOf(field.code),
  };
}

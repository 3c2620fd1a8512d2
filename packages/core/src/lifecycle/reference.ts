import { licenseIdOf } from "./license.ts";

/** The seller's own name for a buyer, given when the buyer registers; usage may name the buyer by it. */
export type Reference = string & { readonly __brand: "Reference" };

const form = /^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,127}$/;
/** A subject that begins so is read as a customer of ours, as a license or as a license's ARN. */
const taken = /^(cus-|l-|lic-|arn:)/i;

/** Reads what a seller's page sent along. Gives the reason when it is no reference. */
export function parseReference(text: string): Reference | { readonly refused: string } {
  if (!form.test(text))
    return {
      refused: "a reference has 1 to 128 letters, digits and . _ : -, and begins with a letter or a digit",
    };
  if (taken.test(text) || licenseIdOf(text) !== undefined)
    return { refused: "a reference does not look like a customer's id (cus-…), a license (l-…) or an ARN" };
  return text as Reference;
}

import type { ProductSwitch } from "../metering/store.ts";
import { formatInstant } from "../time/instant.ts";
import { fail, pass, type Verdict, warn } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

/** How AWS Marketplace answered a read that changes nothing. */
export type Asked =
  | { readonly kind: "answered" }
  /** The role may not ask. */
  | { readonly kind: "barred"; readonly reason: string }
  /** It knows no such listing of this seller. */
  | { readonly kind: "not-known"; readonly reason: string };

interface Listing {
  readonly title: string;
  readonly code: string;
  readonly id?: string | undefined;
}

export function judgeEntitlements(asked: Asked, { title, code }: Listing, { deployKit }: Remedies): Verdict {
  if (asked.kind === "answered") return pass("GetEntitlements answers.");
  // Which error AWS gives for another seller's product code is on no page of it: a refusal may mean that as well.
  if (asked.kind === "barred")
    return fail(
      `${asked.reason}.`,
      `${deployKit} If the role may ask, ${code} may be another seller's: compare \`code\` of "${title}" and seller.accountId in tollhouse.config.ts with the account that published the listing.`,
    );
  return fail(
    code.startsWith("prod-")
      ? `${code} is a product id, not a product code (${asked.reason}).`
      : `AWS Marketplace does not know the product code ${code} as this seller's (${asked.reason}).`,
    `Correct \`code\` of "${title}" in tollhouse.config.ts: the product code of about 25 characters from the listing's page in the AWS Marketplace Management Portal. Compare seller.accountId too: it must be the account that published the listing.`,
  );
}

export function judgeAgreements(asked: Asked, { title, id = "" }: Listing, { deployKit }: Remedies): Verdict {
  if (asked.kind === "answered") return pass("SearchAgreements answers.");
  if (asked.kind === "barred") return fail(`${asked.reason}.`, deployKit);
  return fail(
    `AWS Marketplace does not search the agreements of ${id} (${asked.reason}).`,
    `Correct \`id\` of "${title}" in tollhouse.config.ts: the product id, which begins with prod-, from the listing's page in the AWS Marketplace Management Portal.`,
  );
}

/** Whether a product's usage is being sealed and sent. */
export function judgeSwitch({ productCode, paused, held }: ProductSwitch): Verdict {
  if (held !== undefined)
    return warn(
      `Held since ${formatInstant(held.at)}: ${held.reason}.`,
      "Mend what the reason says; the meter tries again by itself. `npx tollhouse ledger at-risk` shows what is lost when.",
    );
  if (paused !== undefined)
    return warn(
      `Paused since ${formatInstant(paused.at)}: ${paused.reason}.`,
      `\`npx tollhouse metering resume ${productCode}\` lets it go on. \`npx tollhouse ledger at-risk\` shows what is lost when.`,
    );
  return pass("Nothing holds it up.");
}

import type { Entitlement, EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { Instant } from "@tollhouse/core/time/instant";
import { absolute, relative } from "../output/time.ts";

/** What AWS's typed values are to people. */
export const typeOf = ({ value }: Entitlement): "number" | "boolean" | "text" =>
  typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "text";

/** `seats 25`, `plan_team true`. */
export const entitlementBrief = ({ dimension, value }: Entitlement): string =>
  `${dimension} ${typeof value === "string" ? `"${value}"` : value}`;

/** How old the truth is, and whether it is in doubt. */
export function agePhrase({ readAt, emptySince, entitlements }: EntitlementSnapshot, now: Instant): string {
  const age = `read ${relative(readAt, now)}`;
  if (emptySince === undefined) return age;
  const empty = `AWS has answered with nothing since ${absolute(emptySince)} (${relative(emptySince, now)})`;
  return entitlements.length === 0
    ? `${age}; ${empty}`
    : `${age}; in doubt: ${empty}, and they stand until it has done so for a while`;
}

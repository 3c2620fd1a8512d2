import { createHash } from "node:crypto";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";

/**
 * What a subscription is called in a log. The id of one on an old listing holds AWS's identifier of the buyer, which belongs in
 * no log; its hash is always the same, so that lines about one subscription are found together.
 */
export function logName(id: SubscriptionId): string {
  const [productCode, ...identifier] = id.split("/");
  if (identifier.length === 0) return id;
  return `${productCode ?? ""}/#${createHash("sha256").update(identifier.join("/")).digest("hex").slice(0, 12)}`;
}

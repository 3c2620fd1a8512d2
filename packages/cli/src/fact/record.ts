import type { BuyerId } from "@tollhouse/core/lifecycle/buyer";
import { licenseIdOf } from "@tollhouse/core/lifecycle/license";
import type { RecordKey } from "@tollhouse/core/lifecycle/store";
import { CommandError } from "../failure.ts";
import { subscriptionNamed } from "../subscription/find.ts";

/**
 * The record that a text like `agreement:agmt-1` names; a license ARN or a bare agreement id will do as well.
 * @throws CommandError when it names none
 */
export function recordNamed(text: string): RecordKey {
  const [kind, ...rest] = text.split(":");
  const id = rest.join(":");
  if (kind === "subscription" && id !== "") return { kind, id: subscriptionNamed(id) };
  if ((kind === "agreement" || kind === "seller") && id !== "") return { kind, id };
  if (kind === "buyer" && id !== "") return { kind, id: id as BuyerId };
  if (licenseIdOf(text) !== undefined) return { kind: "subscription", id: subscriptionNamed(text) };
  if (text.startsWith("agmt-")) return { kind: "agreement", id: text };
  throw new CommandError(
    "wrong-usage",
    `"${text}" names no record: write subscription:<id>, agreement:<id>, buyer:<product code>/<AWS account> or seller:<AWS account>.`,
  );
}

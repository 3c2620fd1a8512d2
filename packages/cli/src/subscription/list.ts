import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import type { Grant, Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { Instant } from "@tollhouse/core/time/instant";
import type { Answer } from "../answer.ts";
import { collect, leftOut } from "../collect.ts";
import { absolute, relative } from "../output/time.ts";
import { type Column, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { changedAt, paintState } from "./grant-words.ts";

export interface SubscriptionFilter {
  readonly product?: string | undefined;
  readonly state?: Grant["state"] | undefined;
  readonly unregistered?: boolean | undefined;
  readonly limit: number;
}

interface Listed {
  readonly subscriptions: readonly Subscription[];
  readonly more: number;
  readonly moreIsAtLeast: boolean;
}

export async function listSubscriptions(
  { directory, configuration }: Pick<Source, "directory" | "configuration">,
  { product, state, unregistered, limit }: SubscriptionFilter,
): Promise<Answer<Listed>> {
  const { items, ...left } = await collect(
    (count, after: string | undefined) => directory.subscriptions(count, after),
    limit,
    (each) =>
      (product === undefined || each.productCode === product) &&
      (state === undefined || each.grant.state === state) &&
      (unregistered !== true || each.registration === "unregistered"),
  );
  return {
    data: { subscriptions: items, ...left },
    text({ subscriptions, ...bounds }, view) {
      if (subscriptions.length === 0) return "No subscription is like that.";
      const rows = table(subscriptionColumns(configuration, view), subscriptions, view);
      return [rows, leftOut(bounds, limit)].filter(Boolean).join("\n");
    },
  };
}

/** Subscriptions in a line each. */
export function subscriptionColumns(
  configuration: Configuration,
  { now, paint }: View,
): readonly Column<Subscription>[] {
  const titleOf = ({ productCode }: Subscription) =>
    findProduct(configuration, productCode)?.title ?? `${productCode} (not configured)`;
  const when = ({ grant }: Subscription, show: (at: Instant) => string) => {
    const at = changedAt(grant);
    return at === undefined ? "" : show(at);
  };
  return [
    { head: "SUBSCRIPTION", cell: ({ id }) => id },
    {
      head: "GRANT",
      cell: ({ grant }) => grant.state,
      paint: (text, { grant }) => paintState(paint, grant.state)(text),
    },
    { head: "SINCE", cell: (each) => when(each, (at) => relative(at, now)) },
    { head: "", cell: (each) => when(each, absolute), leaveOut: 2 },
    {
      head: "REG.",
      cell: ({ registration }) => (registration === "registered" ? "yes" : "no"),
      paint: (text, { registration }) => (registration === "registered" ? text : paint.warn(text)),
    },
    { head: "CUSTOMER", cell: ({ customerId }) => customerId ?? "", leaveOut: 3 },
    { head: "PRODUCT", cell: titleOf, least: 14, leaveOut: 1 },
  ];
}

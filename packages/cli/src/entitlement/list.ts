import { findProduct, hasEntitlements } from "@tollhouse/core/configuration/product";
import type { EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Answer } from "../answer.ts";
import { collect, type Collected, leftOut } from "../collect.ts";
import { type Column, table } from "../output/table.ts";
import { relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { paintState } from "../subscription/grant-words.ts";
import { entitlementBrief } from "./entitlement-words.ts";

interface Line {
  readonly subscriptionId: SubscriptionId;
  readonly productCode: string;
  readonly grant: Subscription["grant"];
  /** `null` until AWS has been asked once. */
  readonly snapshot: EntitlementSnapshot | null;
}
type Listed = Omit<Collected<unknown>, "items"> & { readonly entitlements: readonly Line[] };

/** Every subscription whose listing sells something up front, with what was bought as far as it is known. */
export async function listEntitlements(
  { directory, store, configuration }: Pick<Source, "directory" | "store" | "configuration">,
  { product, limit }: { readonly product?: string | undefined; readonly limit: number },
): Promise<Answer<Listed>> {
  const { items, ...left } = await collect(
    (count, after: string | undefined) => directory.subscriptions(count, after),
    limit,
    ({ productCode }) => {
      const listing = findProduct(configuration, productCode);
      return (
        listing !== undefined &&
        hasEntitlements(listing) &&
        (product === undefined || productCode === product)
      );
    },
  );
  const entitlements: Line[] = [];
  for (const { id, productCode, grant } of items)
    entitlements.push({
      ...{ subscriptionId: id, productCode, grant },
      snapshot: (await store.loadEntitlements(id)) ?? null,
    });
  return {
    data: { entitlements, ...left },
    text({ entitlements: lines, ...bounds }, view) {
      if (lines.length === 0) return "No subscription's listing sells anything up front.";
      return [table(columnsOf(view), lines, view), leftOut(bounds, limit)].filter(Boolean).join("\n");
    },
  };
}

const columnsOf = ({ now, paint }: View): readonly Column<Line>[] => [
  { head: "SUBSCRIPTION", cell: ({ subscriptionId }) => subscriptionId },
  {
    head: "GRANT",
    cell: ({ grant }) => grant.state,
    leaveOut: 1,
    paint: (text, { grant }) => paintState(paint, grant.state)(text),
  },
  { head: "READ", cell: ({ snapshot }) => (snapshot === null ? "not yet" : relative(snapshot.readAt, now)) },
  {
    head: "DOUBT",
    cell: ({ snapshot }) =>
      snapshot?.emptySince === undefined ? "" : `empty since ${relative(snapshot.emptySince, now)}`,
    leaveOut: 2,
    paint: paint.warn,
  },
  { head: "ENTITLEMENTS", cell: briefOf, least: 16 },
];

function briefOf({ snapshot }: Line): string {
  if (snapshot === null) return "";
  const doubt = snapshot.emptySince === undefined ? "" : "in doubt: ";
  return snapshot.entitlements.length === 0
    ? "none"
    : doubt + snapshot.entitlements.map(entitlementBrief).join(", ");
}

import type { Entitlement, EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { both } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { subscriptionsNamed } from "../subscription/find.ts";
import { agePhrase, typeOf } from "./entitlement-words.ts";

interface Shown {
  readonly subscriptionId: SubscriptionId;
  /** `null` until AWS has been asked once. */
  readonly snapshot: EntitlementSnapshot | null;
}

/** @throws CommandError when nothing is known by that name */
export async function showEntitlements(
  { store }: Pick<Source, "store">,
  name: string,
): Promise<Answer<{ readonly entitlements: readonly Shown[] }>> {
  const entitlements: Shown[] = [];
  for (const named of await subscriptionsNamed({ store }, name)) {
    const { links, subscription } = await store.loadSubscription(named);
    const subscriptionId = links.ownerId ?? named;
    if (subscription === undefined && links.ownerId === undefined)
      throw new CommandError(
        "not-found",
        `There is no subscription ${named}. \`tollhouse entitlements list\` names those with entitlements.`,
      );
    entitlements.push({ subscriptionId, snapshot: (await store.loadEntitlements(subscriptionId)) ?? null });
  }
  return {
    data: { entitlements },
    text: (data, view) => data.entitlements.map((each) => shownText(each, view)).join("\n\n"),
  };
}

function shownText({ subscriptionId, snapshot }: Shown, view: View): string {
  const { paint, width, now } = view;
  if (snapshot === null)
    return [
      paint.strong(subscriptionId),
      ...indented(
        "AWS has not been asked: its listing sells nothing up front, or it was never granted.",
        2,
        width,
      ),
    ].join("\n");
  const { entitlements, readAt, emptySince } = snapshot;
  return [
    paint.strong(subscriptionId),
    ...indented(`read ${both(readAt, now)}, version ${snapshot.version}`, 0, width),
    ...(emptySince === undefined ? [] : indented(agePhrase(snapshot, now), 0, width, paint.warn)),
    "",
    entitlements.length === 0 ? "Nothing is entitled." : table(columnsOf(view), entitlements, view),
  ].join("\n");
}

const columnsOf = ({ now }: View): readonly Column<Entitlement>[] => [
  { head: "DIMENSION", cell: ({ dimension }) => dimension },
  { head: "VALUE", cell: ({ value }) => String(value), align: "right" },
  { head: "TYPE", cell: typeOf },
  {
    head: "VALID AT LEAST UNTIL",
    cell: ({ expiresAt }) => (expiresAt === undefined ? "no end told" : both(expiresAt, now)),
    least: 20,
  },
];

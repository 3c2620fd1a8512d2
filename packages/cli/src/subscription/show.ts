import { sameState, type Subscription, type SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { readTimeline, type TimelineStep } from "@tollhouse/core/lifecycle/timeline";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { recordName } from "../fact/fact-sentence.ts";
import type { Source } from "../source.ts";
import { subscriptionsNamed } from "./find.ts";
import { subscriptionText } from "./show-text.ts";
import type { ShownStep, ShownSubscription } from "./shown.ts";

type Reads = Pick<Source, "store" | "configuration">;

/** @throws CommandError when nothing is known by that name */
export async function showSubscriptions(
  source: Reads,
  name: string,
): Promise<Answer<{ readonly subscriptions: readonly ShownSubscription[] }>> {
  const ids = await subscriptionsNamed(source, name);
  const subscriptions: ShownSubscription[] = [];
  for (const id of ids) subscriptions.push(await read(source, id));
  return {
    data: { subscriptions },
    text: (data, view) =>
      data.subscriptions
        .map((each) => subscriptionText(each, source.configuration, view))
        .join(`\n\n${view.paint.quiet("─".repeat(Math.min(view.width, 80)))}\n\n`),
  };
}

async function read(
  source: Reads,
  id: SubscriptionId,
  askedFor?: SubscriptionId,
): Promise<ShownSubscription> {
  const { store, configuration } = source;
  const outcome = await readTimeline(store, configuration, id);
  if (outcome.kind === "owned") return read(source, outcome.ownerId, askedFor ?? id);
  const stored = await store.currentSubscription(id);
  const entitlements = await store.loadEntitlements(id);
  const common = {
    ...(entitlements !== undefined && { entitlements }),
    ...(askedFor !== undefined && { askedFor }),
  };
  if (outcome.kind === "told") {
    const { state, announced, links, steps } = outcome;
    const storedDiffers = stored !== undefined && !sameState(stored, state);
    return { subscription: state, announced, links, ...common, storedDiffers, timeline: steps.map(shown) };
  }
  if (stored === undefined) throw unknownSubscription(id);
  const { announced, links } = await store.loadSubscription(id);
  return { subscription: stored, announced, links, ...common, storedDiffers: false };
}

const unknownSubscription = (id: SubscriptionId): CommandError =>
  new CommandError(
    "not-found",
    `There is no subscription ${id}. Give an id of \`tollhouse subscriptions list\`, a license ARN or a customer id; ` +
      `what belongs to no subscription yet is in \`tollhouse facts parked\`.`,
  );

function shown({ fact, filedUnder, decides, before, after, unchanged }: TimelineStep): ShownStep {
  const changed = Object.fromEntries(
    Object.entries(after).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof Subscription]),
    ),
  );
  const told = { fact, filedUnder: recordName(filedUnder), decides, changed };
  return unchanged === undefined ? told : { ...told, unchanged };
}

import { createHash } from "node:crypto";
import type { Configuration } from "../configuration/configuration.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import { formatInstant } from "../time/instant.ts";
import type { Fact, FactId } from "./fact.ts";
import { recordFact, type RecordOutcome, type RecordPorts } from "./record-fact.ts";

/** A moment that nobody tells us of when it comes: the end of a final window, the start of an agreement made for later. */
export type Moment = Extract<OutboxEntry["task"], { kind: "elapse-window" | "reach-start" }>;

/**
 * Notes that a moment has passed. The fact changes the subscription only if that moment is still its own when all facts are
 * read in order: a buyer who came back meanwhile loses nothing.
 * @throws ContentionError as `recordFact` does; asking again is always safe
 */
export async function passMoment(
  ports: RecordPorts,
  configuration: Configuration,
  moment: Moment,
): Promise<RecordOutcome> {
  const { subscriptionId } = moment;
  const subscription = await ports.store.currentSubscription(subscriptionId);
  if (subscription === undefined)
    return { kind: "refused", reason: `there is no subscription ${subscriptionId}` };
  return recordFact(ports, configuration, factOf(moment, subscription.productCode));
}

function factOf(moment: Moment, productCode: string): Fact {
  const { subscriptionId } = moment;
  const named = (name: string, at: Fact["at"]) => ({
    // A subscription's id may be as long as a fact's.
    id: `${name}:${createHash("sha256").update(subscriptionId).digest("hex")}@${formatInstant(at)}` as FactId,
    at,
    productCode,
    subscriptionId,
  });
  return moment.kind === "elapse-window"
    ? { kind: "window-elapsed", ...named("window", moment.deadlineAt) }
    : { kind: "start-reached", ...named("start", moment.startsAt) };
}

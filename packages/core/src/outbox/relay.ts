import type { Clock } from "../time/clock.ts";
import type { EntitlementRequests, EventBus, Outbox, OutboxEntry } from "./outbox.ts";

export interface RelayPorts {
  readonly outbox: Outbox;
  readonly bus: EventBus;
  readonly entitlementRequests: EntitlementRequests;
  readonly clock: Clock;
}

/** Entries handled by one round, and rounds by one run: together what a run may cost. */
const roundSize = 100;
const maxRounds = 20;

/**
 * Does what the outbox asks for, at least once and in no promised order (events carry versions). An entry that fails stays
 * and holds nobody up. Gives how many were done and whether some were refused.
 */
export async function relayOutbox(ports: RelayPorts): Promise<{ done: number; refused: number }> {
  let done = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const entries = await ports.outbox.undone(roundSize);
    const taken = await carryOut(ports, entries);
    await ports.outbox.done(taken, await ports.clock.now());
    done += taken.length;
    if (taken.length < entries.length) return { done, refused: entries.length - taken.length };
    if (entries.length < roundSize) break;
  }
  return { done, refused: 0 };
}

async function carryOut(
  { bus, entitlementRequests }: RelayPorts,
  entries: readonly OutboxEntry[],
): Promise<OutboxEntry[]> {
  const events = entries.flatMap(({ task }) => (task.kind === "publish" ? [task.event] : []));
  const reads = entries.flatMap(({ task }) =>
    task.kind === "read-entitlements" ? [task.subscriptionId] : [],
  );
  const published = new Set(events.length === 0 ? [] : await bus.publish(events));
  const requested = new Set<string>(
    reads.length === 0 ? [] : await entitlementRequests.request([...new Set(reads)]),
  );
  return entries.filter(({ task }) =>
    task.kind === "publish" ? published.has(task.event.id) : requested.has(task.subscriptionId),
  );
}

import { reasonOf } from "../error/reason.ts";
import type { Moment } from "../lifecycle/pass-moment.ts";
import type { CustomerId } from "../lifecycle/customer.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { Clock } from "../time/clock.ts";
import type { SubscriptionRequests, EventBus, Mailroom, Outbox, OutboxEntry } from "./outbox.ts";
import type { OutgoingEvent } from "./outgoing-event.ts";

/** Notes that moments have passed. Gives those that are dealt with. */
export interface Timekeeper {
  pass(moments: readonly Moment[]): Promise<readonly Moment[]>;
}

export interface RelayPorts {
  readonly outbox: Outbox;
  readonly timekeeper: Timekeeper;
  readonly bus: EventBus;
  readonly entitlementRequests: SubscriptionRequests;
  /** Asks for usage that waits to be looked at again. */
  readonly attributionRequests: SubscriptionRequests;
  /** Asks for a subscription's usage to be metered now. */
  readonly meterRequests: SubscriptionRequests;
  readonly mailroom: Mailroom;
  readonly clock: Clock;
}

/** Entries handled by one round, and rounds by one run: together what a run may cost. */
const roundSize = 100;
const maxRounds = 20;

/** The bus or the queue could not be reached. What it should have taken is still in the outbox. */
export class RelayError extends AggregateError {
  readonly code = "relay-incomplete";
  readonly retryable = true;
  readonly done: number;
  readonly left: number;
  constructor(errors: readonly unknown[], { done, left }: { readonly done: number; readonly left: number }) {
    const reasons = errors.map(reasonOf);
    super(errors, `The outbox keeps ${left} entries, to be tried again: ${reasons.join("; ")}`);
    this.name = "RelayError";
    this.done = done;
    this.left = left;
  }
}

/**
 * Does what the outbox asks for, at least once and in no promised order (events carry versions). An entry that fails stays
 * and holds nobody up: neither younger entries nor those that go elsewhere. Gives how many were done and how many refused.
 * @throws RelayError, after everything else was done, when the bus or the queue failed as a whole
 */
export async function relayOutbox(ports: RelayPorts): Promise<{ done: number; refused: number }> {
  const bus = untilItFails((events: readonly OutgoingEvent[]) => ports.bus.publish(events));
  const reads = untilItFails((ids: readonly SubscriptionId[]) => ports.entitlementRequests.request(ids));
  const looks = untilItFails((ids: readonly SubscriptionId[]) => ports.attributionRequests.request(ids));
  const meters = untilItFails((ids: readonly SubscriptionId[]) => ports.meterRequests.request(ids));
  const mails = untilItFails((ids: readonly CustomerId[]) => ports.mailroom.deliver(ids));
  const moments = untilItFails((passed: readonly Moment[]) => ports.timekeeper.pass(passed));
  const ways = {
    publish: bus.take,
    read: reads.take,
    attribute: looks.take,
    meter: meters.take,
    pass: moments.take,
    write: mails.take,
  };
  const refused = new Set<string>();
  let done = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const limit = roundSize + refused.size;
    const found = await ports.outbox.undone(await ports.clock.now(), limit);
    const entries = found.filter(({ id }) => !refused.has(id));
    const taken = await carryOut(ways, entries);
    await ports.outbox.done(taken, await ports.clock.now());
    done += taken.length;
    for (const entry of entries) if (!taken.includes(entry)) refused.add(entry.id);
    if (found.length < limit) break;
  }
  const errors = [bus, reads, looks, meters, moments, mails].flatMap((way) => way.errors);
  if (errors.length > 0) throw new RelayError(errors, { done, left: refused.size });
  return { done, refused: refused.size };
}

/** Remembers a failure instead of throwing it, and does not call again: who is down need not be asked twice in a run. */
function untilItFails<Item, Taken>(call: (items: readonly Item[]) => Promise<readonly Taken[]>) {
  const errors: unknown[] = [];
  const take = async (items: readonly Item[]): Promise<readonly Taken[]> => {
    if (items.length === 0 || errors.length > 0) return [];
    try {
      return await call(items);
    } catch (error) {
      errors.push(error);
      return [];
    }
  };
  return { errors, take };
}

interface Ways {
  readonly publish: EventBus["publish"];
  readonly read: SubscriptionRequests["request"];
  readonly attribute: SubscriptionRequests["request"];
  readonly meter: SubscriptionRequests["request"];
  readonly pass: Timekeeper["pass"];
  readonly write: Mailroom["deliver"];
}

async function carryOut(ways: Ways, entries: readonly OutboxEntry[]): Promise<OutboxEntry[]> {
  const tasks = entries.map(({ task }) => task);
  const events = tasks.flatMap((task) => (task.kind === "publish" ? [task.event] : []));
  const about = (kind: "read-entitlements" | "attribute-usage" | "meter-usage") => [
    ...new Set(tasks.flatMap((task) => (task.kind === kind ? [task.subscriptionId] : []))),
  ];
  const published = new Set(await ways.publish(events));
  const read = new Set<string>(await ways.read(about("read-entitlements")));
  const attributed = new Set<string>(await ways.attribute(about("attribute-usage")));
  const metered = new Set<string>(await ways.meter(about("meter-usage")));
  const moments = tasks.filter((task) => task.kind === "elapse-window" || task.kind === "reach-start");
  const passed = new Set<unknown>(await ways.pass(moments));
  const customers = tasks.flatMap((task) => (task.kind === "send-confirmation" ? [task.customerId] : []));
  const written = new Set(await ways.write([...new Set(customers)]));
  return entries.filter(({ task }) => {
    switch (task.kind) {
      case "publish":
        return published.has(task.event.id);
      case "read-entitlements":
        return read.has(task.subscriptionId);
      case "attribute-usage":
        return attributed.has(task.subscriptionId);
      case "meter-usage":
        return metered.has(task.subscriptionId);
      case "send-confirmation":
        return written.has(task.customerId);
      case "elapse-window":
      case "reach-start":
        return passed.has(task);
      default:
        return task satisfies never;
    }
  });
}

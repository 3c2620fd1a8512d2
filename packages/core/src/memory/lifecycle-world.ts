import type { Configuration } from "../configuration/configuration.ts";
import type { Entitlement } from "../entitlement/entitlement.ts";
import { refreshEntitlements } from "../entitlement/refresh.ts";
import type { Fact } from "../lifecycle/fact.ts";
import { type Moment, passMoment } from "../lifecycle/pass-moment.ts";
import { recordFact } from "../lifecycle/record-fact.ts";
import { register, type ResolvedBuyer } from "../lifecycle/register.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import type { OutgoingEvent } from "../outbox/outgoing-event.ts";
import { relayOutbox } from "../outbox/relay.ts";
import type { Instant } from "../time/instant.ts";
import { at, exampleConfiguration } from "./example.ts";
import { memoryLifecycle } from "./lifecycle-store.ts";

export interface LifecycleWorldOptions {
  /** What AWS answers to a read of entitlements at an instant. */
  readonly entitlementsAt?: (subscription: Subscription, now: Instant) => readonly Entitlement[];
  /** Put around every port, e.g. to let a call of it fail. */
  readonly around?: <Port extends object>(port: Port) => Port;
  readonly startsAt?: Instant;
  readonly configuration?: Configuration;
}

/** The end of every story: later than anything is due. */
const someday = at("2035-01-01T00:00:00Z");

/** Work that fails so often in a row does not fail by the chance of a story. */
const mostFailures = 50;

/**
 * The whole lifecycle in memory: facts in, events out, and whatever the outbox asks for done when it is due, on a clock that
 * moves from one due instant to the next. Work that fails comes again, as from a queue; its last error is thrown when it
 * fails for ever.
 */
export function lifecycleWorld({
  entitlementsAt = () => [],
  around = (port) => port,
  startsAt = at("2026-08-20T12:00:00Z"),
  configuration = exampleConfiguration,
}: LifecycleWorldOptions = {}) {
  const { store, outbox, directory } = memoryLifecycle();
  let now = startsAt;
  const heard: OutgoingEvent[] = [];
  const asked = new Set<SubscriptionId>();
  const ports = {
    store: around(store),
    outbox: around(outbox),
    clock: around({ now: () => Promise.resolve(now) }),
    waker: around({ wake: () => Promise.resolve() }),
    reader: around({
      read: (subscription: Subscription) => Promise.resolve(entitlementsAt(subscription, now)),
    }),
    bus: around({
      publish(events: readonly OutgoingEvent[]) {
        heard.push(...events);
        return Promise.resolve(events.map(({ id }) => id));
      },
    }),
    entitlementRequests: around({
      request(ids: readonly SubscriptionId[]) {
        for (const id of ids) asked.add(id);
        return Promise.resolve(ids);
      },
    }),
    attributionRequests: { request: (ids: readonly SubscriptionId[]) => Promise.resolve(ids) },
    meterRequests: { request: (ids: readonly SubscriptionId[]) => Promise.resolve(ids) },
    mailroom: { deliver: <Id>(ids: readonly Id[]) => Promise.resolve(ids) },
    timekeeper: {
      async pass(moments: readonly Moment[]) {
        for (const moment of moments) await passMoment(ports, configuration, moment);
        return moments;
      },
    },
  };
  const untilDone = async (work: () => Promise<unknown>, failures = 0): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (failures + 1 === mostFailures) throw error;
      await untilDone(work, failures + 1);
    }
  };
  /** Does what is due now; reads asked for are done in the order in which they were asked for. */
  const work = async (): Promise<void> => {
    await untilDone(() => relayOutbox(ports));
    for (const id of asked) {
      asked.delete(id);
      await untilDone(() => refreshEntitlements(ports, configuration, id));
    }
  };
  return {
    store,
    directory,
    heard,
    record: (fact: Fact) => untilDone(() => recordFact(ports, configuration, fact)),
    visit: (token: string, buyer: ResolvedBuyer) => {
      const resolver = around({ resolve: () => Promise.resolve({ buyer }) });
      return untilDone(() => register({ ...ports, resolver }, configuration, token));
    },
    /** What is due at the world's present. */
    work,
    /** Lets time pass until nothing is due any more. */
    settle: async (): Promise<void> => {
      for (let next = await nextDue(); next !== undefined; next = await nextDue()) {
        now = next > now ? next : now;
        await work();
      }
    },
  };

  async function nextDue(): Promise<Instant | undefined> {
    return (await outbox.undone(someday, 1))[0]?.dueAt;
  }
}

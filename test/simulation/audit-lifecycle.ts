import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { LifecycleChange } from "@tollhouse/core/lifecycle/store";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import type { OutboxEntry } from "@tollhouse/core/outbox/outbox";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { Instant } from "@tollhouse/core/time/instant";
import type { Contract } from "./market.ts";
import type { World } from "./world.ts";

/** Facts, changes and events as they were seen to be written. */
export class LifecycleAudit {
  /** Everything that the queue was given; each must be filed or quarantined in the end. */
  readonly told = new Map<string, Fact>();
  private readonly filed = new Map<string, Fact>();
  private readonly promised = new Set<string>();
  private readonly violate: (what: string) => void;

  constructor(violate: (what: string) => void) {
    this.violate = violate;
  }

  committed(
    { fact, home, outbox, subscriptions }: LifecycleChange,
    contracts: readonly Contract[],
    now: number,
  ): void {
    const name = `${home.kind} ${home.id} ${fact.id}`;
    if (this.filed.has(name)) this.violate(`fact ${name} was filed twice`);
    this.filed.set(name, structuredClone(fact));
    this.promise(outbox);
    // A fact of the market's is named by its contract and instant.
    for (const { account, spans, returns } of contracts) {
      const isOf = (at: number) => fact.id === `sim:${account}@${at}`;
      const isAfter = (at: number) => fact.id.startsWith(`sim:${account}@${at}+`);
      for (const span of spans) {
        if (isOf(span.since)) span.sinceKnownAt ??= now;
        if (span.cut === undefined) continue;
        // Told of an agreement that nobody knows yet to be this contract's, an end waits until a license names it.
        if (
          fact.kind === "agreement-ended" &&
          isOf(span.cut) &&
          !subscriptions.some(({ id }) => id === account)
        )
          span.cutWaitsFor = fact.agreementId;
        const isNamed = fact.kind === "license-updated" && fact.agreementId === span.cutWaitsFor;
        if (isNamed) span.cutWaitsFor = undefined;
        const isCut = (isOf(span.cut) || isNamed) && span.cutWaitsFor === undefined;
        if (isCut) span.cutKnownAt ??= now;
        if (isCut || isAfter(span.cut)) span.endKnownAt ??= now;
      }
      for (const back of returns) if (isOf(back.at)) back.knownAt ??= now;
    }
  }

  promise(outbox: readonly OutboxEntry[]): void {
    for (const { task } of outbox) if (task.kind === "publish") this.promised.add(task.event.id);
  }

  published(events: readonly OutgoingEvent[]): void {
    for (const { id } of events)
      if (!this.promised.has(id)) this.violate(`event ${id} was published for a change that nobody stored`);
  }

  async settled(
    { stores, heard }: World,
    configuration: Configuration,
    contracts: readonly Contract[],
    someday: Instant,
  ): Promise<void> {
    const left = await stores.outbox.undone(someday, 1_000);
    if (left.length > 0) this.violate(`the outbox keeps ${left.map(({ id }) => id).join(", ")}`);
    const states = (await stores.directory.subscriptions(10_000)).items;
    await this.inOrder(states, configuration, someday);
    this.filedOrKept(await stores.quarantine.list(someday, 10_000));
    this.heardLast(states, heard);
    this.grants(states, contracts);
  }

  /** G1: told once and in order, the facts mean the same. */
  private async inOrder(
    states: readonly Subscription[],
    configuration: Configuration,
    someday: Instant,
  ): Promise<void> {
    const calm = memoryLifecycle();
    const clock = { now: () => Promise.resolve(someday) };
    const ports = { store: calm.store, clock, waker: { wake: () => Promise.resolve() } };
    const facts = [...this.filed.values()].toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const fact of facts) await recordFact(ports, configuration, fact);
    const other = (await calm.directory.subscriptions(10_000)).items;
    const text = (all: readonly Subscription[]) =>
      new Map(all.map((state) => [state.id as string, JSON.stringify(sorted(state))]));
    const [ours, theirs] = [text(states), text(other)];
    for (const id of new Set([...ours.keys(), ...theirs.keys()]))
      if (ours.get(id) !== theirs.get(id))
        this.violate(`${id} is ${ours.get(id)}, but told in order ${theirs.get(id)}`);
  }

  private filedOrKept(quarantined: readonly { reason: string }[]): void {
    const filed = new Set([...this.filed.values()].map(({ id }) => id as string));
    const lost = [...this.told.keys()].filter((id) => !filed.has(id));
    if (lost.length > quarantined.length) this.violate(`facts ${lost.join(", ")} are nowhere`);
  }

  /** Who keeps the highest version of a subscription's events ends in its state. */
  private heardLast(states: readonly Subscription[], heard: readonly OutgoingEvent[]): void {
    for (const { id, grant, registration } of states) {
      const events = heard.flatMap((event) =>
        "subscription" in event.data && event.data.subscription.id === id
          ? [{ version: event.data.version, said: event.data.subscription }]
          : [],
      );
      const last = events.toSorted((a, b) => b.version - a.version)[0]?.said;
      if (last === undefined ? grant.state === "unknown" : last.grant.state === grant.state) continue;
      this.violate(`${id} is ${grant.state}, ${registration}; last heard of as ${last?.grant.state}`);
    }
  }

  /** What was bought and given up, as the market knows it. */
  private grants(states: readonly Subscription[], contracts: readonly Contract[]): void {
    for (const { account, spans } of contracts) {
      const state = states.find(({ id }) => id === account);
      const known = state === undefined ? [] : grantsOf(state);
      if (spans.at(-1)?.cut !== undefined && state?.grant.state !== "ended")
        this.violate(`${account} was given up, and is ${state?.grant.state}`);
      const true_ = spans.map(({ since, cut }) => ({ since, cut }));
      if (JSON.stringify(known) !== JSON.stringify(true_))
        this.violate(`${account} was granted ${JSON.stringify(true_)}, and we hold ${JSON.stringify(known)}`);
    }
  }
}

function grantsOf({
  grant,
  earlierGrants,
}: Subscription): readonly { since: number; cut?: number | undefined }[] {
  const earlier = earlierGrants.map(({ since, cutAt }) => ({ since, cut: cutAt }));
  if (!("since" in grant) || grant.since === undefined) return earlier;
  return [...earlier, { since: grant.since, cut: "cutAt" in grant ? grant.cutAt : undefined }];
}

/** The same value with its keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

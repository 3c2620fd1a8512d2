import { plantedInMetering } from "./metering-faults.ts";

/** One defect that the simulation must find: a change to a source file of `core` while it is loaded, never on disk. */
export interface PlantedFault {
  readonly name: string;
  /** What would happen in production. */
  readonly harm: string;
  /** Below packages/core/src. */
  readonly file: string;
  /** Occurs exactly once; when it does not, the patch has rotted. */
  readonly find: string;
  readonly replace: string;
  /** It is found within so many seeds, from 1 on or, where that takes long, from a seed on that is known to come near it. */
  readonly seeds: number;
  readonly from?: number;
}

/** The source with the fault in it. @throws Error when it is no longer the source that the fault was written for */
export function plant(source: string, { name, file, find, replace }: PlantedFault): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`Planted fault ${name} has rotted: ${file} must hold its text exactly once.`);
  return `${before}${replace}${after}`;
}

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: "acknowledge-before-the-mark",
    harm: "a crash after the acknowledgement leaves segments that nobody ever folds",
    file: "usage/ingest.ts",
    find: "await ports.usageLog.putMarks(",
    replace: "void ports.usageLog.putMarks(",
    seeds: 10,
  },
  {
    name: "mark-before-the-segments",
    harm: "a folder removes the mark before the segments are there",
    file: "usage/ingest.ts",
    find: "if (segments.length > 0) await ports.usageLog.putSegments(segments);",
    replace: `if (places.length > 0)
      await ports.usageLog.putMarks(places.map(({ place }) => ({ ...place, value: batchId })));
    if (segments.length > 0) await ports.usageLog.putSegments(segments);
    places.length = 0;`,
    seeds: 20,
    from: 36,
  },
  {
    name: "no-quarantine",
    harm: "a message that nobody can use vanishes",
    file: "usage/ingest.ts",
    find: "if (bad.length > 0) await ports.quarantine.put(bad);",
    replace: "",
    seeds: 5,
  },
  {
    name: "shards-of-today",
    harm: "a copy that comes after the shards were doubled counts again",
    file: "usage/shard.ts",
    find: "shards.findLast(({ fromHour }) => fromHour <= hour)?.count",
    replace: "shards.at(-1)?.count",
    seeds: 40,
  },
  {
    name: "mark-removed-unconditionally",
    harm: "usage that came while its hour was folded is never folded",
    file: "memory/usage-log.ts",
    find: "if (marks.get(placeName(mark))?.value === mark.value) marks.delete",
    replace: "marks.delete",
    seeds: 20,
    from: 77,
  },
  {
    name: "digest-dropped",
    harm: "a copy in a later batch counts again",
    file: "metering/plan-fold.ts",
    find: "const check = here.get(identity);",
    replace: "const check = here.get(identity + '?');",
    seeds: 10,
  },
  {
    name: "no-look-around",
    harm: "a copy with another hour counts again",
    file: "metering/plan-fold.ts",
    find: "const check = elsewhere.get(identity);",
    replace: "const check = elsewhere.get(identity + '?');",
    seeds: 10,
  },
  {
    name: "neighbours-may-change",
    harm: "two folders of neighbouring hours each count a copy of one event",
    file: "metering/fold-usage.ts",
    find: "ports.folds.open(state, decided.plan, decided.fresh, seen.around)",
    replace: "ports.folds.open(state, decided.plan, decided.fresh, [])",
    seeds: 60,
    from: 38,
  },
  {
    name: "count-twice-on-retry",
    harm: "a plan that is carried out again after a crash counts again",
    file: "metering/carry-out.ts",
    find: "books.post(after, posting, plan",
    replace: "books.post(after, posting, after.version + plan",
    seeds: 40,
  },
  {
    name: "open-plan-forgotten",
    harm: "what a folder that died had decided on is never booked",
    file: "metering/fold-usage.ts",
    find: "await finish(ports, await ports.folds.load(mark))",
    replace: "await ports.folds.load(mark)",
    seeds: 40,
  },
  {
    name: "sealed-before-folded",
    harm: "an hour is sealed while its usage still lies in the log",
    file: "metering/run.ts",
    find: "if (coveredUntil !== undefined && coveredUntil >= settledAt(hour, settings)) continue;",
    replace: "continue;",
    seeds: 40,
  },
  {
    name: "attempt-not-counted",
    harm: "after a lost answer, our own record is taken for somebody else's",
    file: "metering/submit-run.ts",
    find: "records.countAttempt(record).catch(",
    replace: "Promise.resolve(true).catch(",
    seeds: 40,
  },
  {
    name: "every-duplicate-is-a-conflict",
    harm: "billed units are called unbilled, and an operator bills them again",
    file: "metering/outcome.ts",
    find: 'record.attempts > 0 ? "accepted" : "conflict"',
    replace: '"conflict"',
    seeds: 100,
  },
  {
    name: "no-answer-is-success",
    harm: "usage that AWS never saw is called billed",
    file: "metering/submit-run.ts",
    find: "await this.putOff(batch, answer);",
    replace: `await this.concludeAll(
          batch.map((record) =>
            concludeRecord(this.ports, record, { status: "success", meteringRecordId: undefined }),
          ),
        );`,
    seeds: 40,
  },
  {
    name: "waiting-usage-moves-twice",
    harm: "two who look at the same waiting usage both count it",
    file: "metering/waiting.ts",
    find: 'if (first === undefined) return { kind: "counted" };',
    replace: 'if (first === undefined) return { kind: "waits", rest: { ...usage, version: usage.version } };',
    seeds: 20,
  },
  {
    name: "waiting-usage-comes-back",
    harm: "a plan that is carried out again lets usage wait that was counted meanwhile",
    file: "memory/metering-store.ts",
    find: "if (!waiting.has(name))",
    replace: "if (name !== '')",
    seeds: 100,
  },
  {
    name: "waiting-usage-forgotten",
    harm: "usage that came before its subscription was known waits for ever",
    file: "metering/waiting.ts",
    find: "await divide(attribute, events);",
    replace: "await divide(() => Promise.resolve(() => ({ waits: usage.reason })), events);",
    seeds: 20,
  },
  {
    name: "cut-ignored",
    harm: "usage after the end of a subscription is charged",
    file: "metering/attribute.ts",
    find: "at >= since && (cutAt === undefined || at < cutAt)",
    replace: "at >= since",
    seeds: 40,
  },
  {
    name: "facts-in-order-of-arrival",
    harm: "a late notification brings an ended subscription back",
    file: "lifecycle/fold.ts",
    find: "const sorted = [...once.values()].sort(byTime);",
    replace: "const sorted = [...once.values()];",
    seeds: 20,
  },
  {
    name: "window-never-elapses",
    harm: "a subscription that was given up stays open for ever",
    file: "lifecycle/decide.ts",
    find: "return [...events, ...reads, ...due, ...looks, ...flushes];",
    replace: "return [...events, ...reads, ...looks, ...flushes];",
    seeds: 20,
  },
  {
    name: "refused-event-is-done",
    harm: "an event that the bus did not take is never published",
    file: "outbox/relay.ts",
    find: "return published.has(task.event.id);",
    replace: "return true;",
    seeds: 40,
  },
  {
    name: "done-before-published",
    harm: "a relay that dies leaves events that nobody publishes",
    file: "outbox/relay.ts",
    find: "const taken = await carryOut(ways, entries);\n    await ports.outbox.done(taken, await ports.clock.now());",
    replace:
      "await ports.outbox.done(entries, await ports.clock.now());\n    const taken = await carryOut(ways, entries);",
    seeds: 40,
  },
  {
    name: "lost-answer-had-no-effect",
    harm: "an attempt that AWS took is taken back, and its repeat is called a conflict",
    file: "metering/outcome.ts",
    find: "refusedAs, retryAt }, at, effect)",
    replace: 'refusedAs, retryAt }, at, "none")',
    seeds: 60,
    from: 20,
  },
  ...plantedInMetering,
];

import type { LedgerItem, LedgerReader } from "../ledger/ledger-item.ts";
import { bookName } from "../metering/book.ts";
import type { Posting } from "../metering/store.ts";
import type { MemoryFoldStore } from "./fold-store.ts";
import type { MemoryMetering } from "./metering-store.ts";
import type { MemoryUsageLog } from "./usage-log.ts";

/** Reads what the twins hold, in the order in which DynamoDB gives it. */
export function memoryLedger(
  usageLog: Pick<MemoryUsageLog, "contents">,
  folds: Pick<MemoryFoldStore, "states">,
  { contents }: Pick<MemoryMetering, "contents">,
): LedgerReader {
  const isBooked = (posting: Posting, planId: string): boolean =>
    "waiting" in posting
      ? contents.waiting.has(JSON.stringify([posting.waiting.subject, posting.waiting.id]))
      : contents.postings.has(`${bookName(posting.book)} ${planId}`);
  function* hourShards(): Generator<LedgerItem> {
    const { segments, marks } = usageLog.contents();
    const named = (place: { hour: number; shard: number }) => `${place.hour}/${place.shard}`;
    const states = new Map(folds.states().map((state) => [named(state), state]));
    for (const [name, members] of Map.groupBy(segments, named)) {
      const state = states.get(name);
      if (state !== undefined) {
        const { hour, shard, tally, open, planIds, foldedSegmentIds } = state;
        const place = { hour, shard };
        yield { kind: "fold", place, tally, openPlanId: open?.id };
        const planId = planIds.at(-1) ?? "";
        yield { kind: "folded-segments", place, planId, segmentIds: [...foldedSegmentIds] };
      }
      for (const segment of members) yield { kind: "segment", segment };
    }
    for (const { hour, shard } of marks) yield { kind: "mark", place: { hour, shard } };
  }
  function* books(): Generator<LedgerItem> {
    const { books: held, records, waiting } = structuredClone(contents);
    const byBook = Map.groupBy(records.values(), bookName);
    for (const book of held.values()) {
      yield { kind: "book", book };
      for (const record of byBook.get(bookName(book.key)) ?? []) yield { kind: "record", record };
    }
    const orphans = [...records.values()].filter((record) => !held.has(bookName(record)));
    for (const record of orphans) yield { kind: "record", record };
    for (const { usage, outcome } of waiting.values()) {
      if (outcome.kind === "waits") yield { kind: "waiting", usage: outcome.rest };
      if (outcome.kind === "unbillable") yield { kind: "unbillable", usage, reason: outcome.reason };
    }
  }
  return {
    async *items() {
      yield* await Promise.resolve([...hourShards(), ...books()]);
    },
    openPlan: ({ hour, shard }) =>
      Promise.resolve(folds.states().find((state) => state.hour === hour && state.shard === shard)?.open),
    booked: (plan) =>
      Promise.resolve(
        new Set(plan.postings.flatMap((posting, index) => (isBooked(posting, plan.id) ? [index] : []))),
      ),
  };
}

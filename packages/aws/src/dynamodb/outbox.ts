import type { Outbox, OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { formatInstant, type Instant, laterBy, parseInstant } from "@tollhouse/core/time/instant";
import { bucketCount, bucketOf, expirySecond } from "./key.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";

/** Done entries are kept so long, to answer what was announced when. */
const doneDays = 30;

/** An undone entry as it is stored; the bucket is what puts it into the index. */
export const outboxItem = ({ id, dueAt, task }: OutboxEntry) => ({
  id,
  dueAt: formatInstant(dueAt),
  task,
  bucket: String(bucketOf(id)),
});

export function dynamoOutbox({ entities: { outbox } }: LifecycleEntities): Outbox {
  const undoneIn = async (bucket: number, now: Instant, limit: number): Promise<readonly OutboxEntry[]> => {
    const later = formatInstant(laterBy(now, 1));
    const { data } = await outbox.query
      .undone({ bucket: String(bucket) })
      .lt({ dueAt: later })
      .go({ limit });
    return data.map(({ id, dueAt, task }) => ({
      id,
      dueAt: stored(dueAt),
      task: task as OutboxEntry["task"],
    }));
  };
  return {
    async undone(now, limit) {
      const buckets = await Promise.all(
        Array.from({ length: bucketCount }, (_, bucket) => undoneIn(bucket, now, limit)),
      );
      return buckets
        .flat()
        .toSorted((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit);
    },
    async done(entries, at) {
      if (entries.length === 0) return;
      const items = entries.map(({ id, dueAt, task }) => ({
        id,
        dueAt: formatInstant(dueAt),
        task,
        doneAt: formatInstant(at),
        expiresAt: expirySecond(at, doneDays),
      }));
      await outbox.put(items).go();
    },
  };
}

/** @throws Error when the stored text is none of ours */
function stored(text: string): Instant {
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`The outbox holds ${JSON.stringify(text)} where an instant belongs.`);
  return at;
}

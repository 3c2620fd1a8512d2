import type { Outbox, OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { formatInstant, type Instant, parseInstant } from "@tollhouse/core/time/instant";
import { bucketCount, bucketOf, expirySecond } from "./key.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";

/** Done entries are kept so long, to answer what was announced when. */
const doneDays = 30;

/** An undone entry as it is stored; the bucket is what puts it into the index. */
export const outboxItem = ({ id, createdAt, task }: OutboxEntry) => ({
  id,
  createdAt: formatInstant(createdAt),
  task,
  bucket: String(bucketOf(id)),
});

export function dynamoOutbox({ entities: { outbox } }: LifecycleEntities): Outbox {
  const undoneIn = async (bucket: number, limit: number): Promise<readonly OutboxEntry[]> => {
    const { data } = await outbox.query.undone({ bucket: String(bucket) }).go({ limit });
    return data.map(({ id, createdAt, task }) => ({
      id,
      createdAt: stored(createdAt),
      task: task as OutboxEntry["task"],
    }));
  };
  return {
    async undone(limit) {
      const buckets = await Promise.all(
        Array.from({ length: bucketCount }, (_, bucket) => undoneIn(bucket, limit)),
      );
      return buckets
        .flat()
        .toSorted((a, b) => a.createdAt - b.createdAt)
        .slice(0, limit);
    },
    async done(entries, at) {
      if (entries.length === 0) return;
      const items = entries.map(({ id, createdAt, task }) => ({
        id,
        createdAt: formatInstant(createdAt),
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

import type { Quarantine, QuarantineEntry, QuarantineLine } from "../quarantine/quarantine.ts";

/** The quarantine in memory. */
export function memoryQuarantine(): Quarantine {
  const entries = new Map<string, QuarantineEntry>();
  return {
    put(added) {
      for (const entry of added) if (!entries.has(entry.id)) entries.set(entry.id, structuredClone(entry));
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(structuredClone(entries.get(id))),
    remove(id) {
      entries.delete(id);
      return Promise.resolve();
    },
    list: (until, limit, after) =>
      Promise.resolve(
        [...entries.values()]
          .filter(({ quarantinedAt }) => quarantinedAt <= until)
          .toSorted(newestFirst)
          .filter((entry) => after === undefined || newestFirst(after, entry) < 0)
          .slice(0, limit)
          .map(({ id, quarantinedAt, door, reason }) => ({ id, quarantinedAt, door, reason })),
      ),
  };
}

const newestFirst = (a: QuarantineLine, b: QuarantineLine): number =>
  b.quarantinedAt - a.quarantinedAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);

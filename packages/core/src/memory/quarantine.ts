import type { Quarantine, QuarantineEntry } from "../quarantine/quarantine.ts";

/** The quarantine in memory. */
export function memoryQuarantine(): Quarantine {
  const entries = new Map<string, QuarantineEntry>();
  return {
    put(added) {
      for (const entry of added) if (!entries.has(entry.id)) entries.set(entry.id, structuredClone(entry));
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(structuredClone(entries.get(id))),
    list: (until, limit) =>
      Promise.resolve(
        [...entries.values()]
          .filter(({ quarantinedAt }) => quarantinedAt <= until)
          .toSorted((a, b) => b.quarantinedAt - a.quarantinedAt || (a.id < b.id ? 1 : -1))
          .slice(0, limit)
          .map(({ id, quarantinedAt, door, reason }) => ({ id, quarantinedAt, door, reason })),
      ),
  };
}

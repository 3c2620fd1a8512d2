import type { Configuration } from "../configuration/configuration.ts";
import { checkLedger } from "../ledger/check-ledger.ts";
import type { CallAnswer } from "../metering/submission.ts";
import { type MeterPorts, runMeter } from "../metering/run.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { formatQuantity, total } from "../quantity/micro-units.ts";
import { hourMs, type Instant } from "../time/instant.ts";
import { formatHour, hourOf, hourStart, monthStart } from "../time/utc-hour.ts";
import { at, exampleConfiguration } from "./example.ts";
import { memoryLedger } from "./ledger.ts";
import { memoryMeter } from "./meter.ts";

/**
 * AWS's own bill, by the rules of BatchMeterUsage's reference: the first record of an hour counts and a call is refused for one that
 * is of the future, 24 hours old, of a month that was closed at 06:00 on the first, too large, or split into more than 2,500 parts.
 */
function strictMarketplace(now: () => Instant) {
  const bill = new Map<string, UsageRecord>();
  const isTimely = (timestamp: Instant) => {
    const month = hourStart(monthStart(hourOf(now())));
    const isClosed = timestamp < month && now() >= month + 6 * hourMs;
    return timestamp <= now() && now() < timestamp + 24 * hourMs && !isClosed;
  };
  const nameOf = ({ entry, hour }: UsageRecord) => JSON.stringify([entry.identity, entry.dimension, hour]);
  return {
    bill,
    submit(records: readonly UsageRecord[]): Promise<CallAnswer> {
      if (!records.every(({ entry }) => isTimely(entry.timestamp)))
        return Promise.resolve({ kind: "refused", reason: "TimestampOutOfBounds", isTooLate: true });
      if (records.some(({ entry }) => entry.quantity > 2_147_483_647n || entry.allocations.length > 2_500))
        return Promise.resolve({ kind: "refused", reason: "ValidationException" });
      const answers = records.map((record) => {
        const isNew = !bill.has(nameOf(record));
        if (isNew) bill.set(nameOf(record), structuredClone(record));
        return { status: isNew ? "success" : "duplicate", meteringRecordId: nameOf(record) } as const;
      });
      return Promise.resolve({ kind: "answered", answers });
    },
  };
}

/** Everything that metering needs, in memory, with an AWS that is as strict as its reference, and the books to look into. */
export function edgeWorld(configuration: Configuration = exampleConfiguration) {
  const meter = memoryMeter(configuration);
  let now = at("2026-08-20T12:00:00Z");
  const setNow = (text: string) => {
    now = at(text);
    meter.setNow(now);
  };
  const marketplace = strictMarketplace(() => now);
  const ports: MeterPorts = { ...meter.ports, submitter: marketplace };
  const ledger = async () => {
    const report = await checkLedger(memoryLedger(meter.usageLog, meter.folds, meter.metering), now);
    const { accepted, waiting, balance, unbillable, records, differences } = report;
    const { accepted: taken, ...notTaken } = records;
    return {
      ...{ differences, accepted: formatQuantity(accepted), billed: formatQuantity(taken) },
      ...{ waiting: formatQuantity(waiting), balance: formatQuantity(balance) },
      unbillable: formatQuantity(total(Object.values(unbillable))),
      /** In records that AWS has not taken. */
      notTaken: formatQuantity(total(Object.values(notTaken))),
    };
  };
  return {
    ...{ meter, ports, record: meter.record, ledger },
    /** Usage as it comes in, at a time of the clock. */
    come: (time: string, ...events: readonly object[]) => {
      setNow(time);
      return meter.ingest(events);
    },
    /** Runs of the meter, one at each time of the clock. */
    run: async (...times: readonly string[]) => {
      for (const time of times) {
        setNow(time);
        await runMeter(ports, configuration);
      }
    },
    /** With AWS out of reach. */
    runInVain: async (time: string, effect: "none" | "unknown") => {
      setNow(time);
      const submitter = {
        submit: () => Promise.resolve({ kind: "unavailable", reason: "away", effect } as const),
      };
      await runMeter({ ...ports, submitter }, configuration);
    },
    /** What AWS charges, by the hour. */
    bill: () =>
      [...marketplace.bill.values()]
        .map((record) => [formatHour(record.hour), record.entry.quantity] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    billed: marketplace.bill,
    /** What is in the quarantine, whole. */
    quarantined: async () => {
      const lines = await meter.quarantine.list(now, 10);
      return Promise.all(lines.map(({ id }) => meter.quarantine.get(id)));
    },
  };
}

/** The ledger when all that was accepted is billed. */
export const allBilled = (units: string) => ({
  ...{ differences: [], accepted: units, billed: units },
  ...{ waiting: "0", balance: "0", unbillable: "0", notTaken: "0" },
});

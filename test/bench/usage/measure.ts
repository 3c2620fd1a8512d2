import { createTables, tableName } from "@tollhouse/local/resource";
import { configuration, startEngine } from "../engine.ts";
import type { Measuring } from "../suite.ts";
import { windowsPerHour } from "./arrival.ts";
import type { CostFigures, Figures, LoadFigures, UnitsFigures } from "./figures.ts";
import type { Load, Rate } from "./task.ts";
import { taskRunner } from "./worker-process.ts";
import type { Tables } from "./world.ts";

/** Hours of which every event is counted, as large as a laptop bears. */
const whole = { shards: 4, foldedShards: 4, ingestedWindows: windowsPerHour };
const size = {
  compute: { rounds: 7, ingestEvents: 100_000, foldEvents: 200_000 },
  pace: { rounds: 5, events: 100_000, licenses: 100, writes: 3_000 },
  unitLicenses: [1, 100],
  rates: [
    { eventsPerHour: 10, licenses: 1, ...whole },
    { eventsPerHour: 1_000, licenses: 1, ...whole },
    { eventsPerHour: 100_000, licenses: 100, ...whole },
    { eventsPerHour: 10_000_000, licenses: 10_000, shards: 64, foldedShards: 1, ingestedWindows: 3 },
  ],
  loads: [
    { what: "one license, a quarter of a million", events: 250_000, licenses: 1, eventsPerMessage: 100 },
    { what: "one license, a million", events: 1_000_000, licenses: 1, eventsPerMessage: 100 },
    { what: "ten thousand licenses, a long tail", events: 300_000, licenses: 10_000, eventsPerMessage: 100 },
  ],
};
const quickSize: typeof size = {
  compute: { rounds: 1, ingestEvents: 2_000, foldEvents: 10_000 },
  pace: { rounds: 1, events: 1_000, licenses: 2, writes: 50 },
  unitLicenses: [2],
  rates: [
    { eventsPerHour: 10, licenses: 1, ...whole },
    { eventsPerHour: 8_000, licenses: 8, shards: 4, foldedShards: 1, ingestedWindows: 3 },
  ],
  loads: [{ what: "a few licenses", events: 2_000, licenses: 5, eventsPerMessage: 100 }],
};

/** Runs a database, and each measurement in a process of its own. @throws StartError */
export async function measureUsage({ quick, onProgress }: Measuring): Promise<Figures> {
  const { compute, pace, unitLicenses, rates, loads } = quick ? quickSize : size;
  onProgress("Starting DynamoDB Local");
  const engine = await startEngine();
  const run = taskRunner(engine.databaseUrl, onProgress);
  let places = 0;
  /** New ones, so that no measurement finds what another left. */
  const newTables = async (): Promise<Tables> => {
    const place = { ...configuration, name: `bench-${(places += 1)}` };
    await createTables(place, engine.databaseUrl);
    return { Lifecycle: tableName(place, "Lifecycle"), Metering: tableName(place, "Metering") };
  };
  const costOf = async (rate: Rate): Promise<readonly CostFigures[]> => {
    onProgress(`Cost at ${rate.eventsPerHour} events an hour`);
    return run({ do: "cost", tables: await newTables(), rate });
  };
  const carry = async ({ what, ...load }: Load & { what: string }): Promise<LoadFigures> => {
    const tables = await newTables();
    onProgress(`${load.events} events of ${what}: subscriptions`);
    await run({ do: "prepare", tables, load });
    onProgress(`${load.events} events of ${what}: ingest`);
    const ingested = await run({ do: "ingest", tables, load });
    onProgress(`${load.events} events of ${what}: fold, seal, submit`);
    const folded = await run({ do: "fold", tables, sent: ingested.sent });
    return {
      ...{ what, ...load, events: ingested.events },
      ingestSeconds: ingested.seconds,
      foldSeconds: folded.foldSeconds.reduce((sum, seconds) => sum + seconds, 0),
      longestFoldSeconds: Math.max(...folded.foldSeconds),
      meterSeconds: folded.meterSeconds,
      meterRuns: folded.meterRuns,
      records: folded.records,
      ingest: ingested.memory,
      fold: folded.memory,
      writeUnitsPerEvent: (ingested.writeUnits + folded.writeUnits) / ingested.events,
    };
  };
  try {
    const computed = await run({ do: "compute", ...compute });
    const paced = await run({ do: "pace", tables: await newTables(), ...pace });
    const units: UnitsFigures[] = [];
    for (const licenses of unitLicenses) {
      onProgress(`Write units of ${licenses} licenses`);
      units.push(await run({ do: "units", tables: await newTables(), licenses }));
    }
    const costs: CostFigures[] = [];
    for (const rate of rates) costs.push(...(await costOf(rate)));
    const idle = await run({ do: "idle", tables: await newTables() });
    const carried: LoadFigures[] = [];
    for (const load of loads) carried.push(await carry(load));
    return { compute: computed, pace: paced, units, costs: { rates: costs, idle }, loads: carried };
  } finally {
    await engine.stop();
  }
}

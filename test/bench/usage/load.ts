import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { configuration } from "../engine.ts";
import { countCapacity } from "./capacity.ts";
import { hotLicense, licenseOf, longTail, makeUsage } from "./event.ts";
import type { FoldedLoad, IngestedLoad, Load } from "./task.ts";
import { assertEqual, firstHour, openWorld, runUntilSubmitted, settledAt, type Tables } from "./world.ts";

/** A great deal of usage in one hour, and the memory that each function needs for it. Each has a process of its own. */

/** As many as Lambda hands over at once: 6 MB. */
const messagesPerBatch = 200;

const licensesOf = ({ licenses }: Load): readonly string[] =>
  licenses === 1 ? [hotLicense] : Array.from({ length: licenses }, (_, number) => licenseOf(number));

export async function prepareLoad(load: Load, tables: Tables): Promise<void> {
  await openWorld(makeDocumentClient(), tables, configuration).subscribe(licensesOf(load));
}

export async function ingestLoad(load: Load, tables: Tables): Promise<IngestedLoad> {
  const client = makeDocumentClient();
  const meter = countCapacity(client);
  const world = openWorld(client, tables, configuration);
  const usage = makeUsage(6);
  const pick = longTail(licensesOf(load));
  world.setNow(settledAt(firstHour, configuration));
  const memory = watchMemory();
  let seconds = 0;
  while (usage.sentEvents() < load.events) {
    const left = Math.ceil((load.events - usage.sentEvents()) / load.eventsPerMessage);
    const bodies = Array.from({ length: Math.min(messagesPerBatch, left) }, () =>
      usage.message(firstHour, load.eventsPerMessage, pick),
    );
    const beganAtMs = performance.now();
    const { eventCount } = await world.ingest(bodies);
    seconds += (performance.now() - beganAtMs) / 1_000;
    assertEqual("events taken", eventCount, bodies.length * load.eventsPerMessage);
  }
  const { tableUnits, indexUnits } = meter.take();
  const sent = [...usage.sent].map(([account, units]): [string, string] => [account, units.toString()]);
  return {
    ...{ seconds, events: usage.sentEvents(), writeUnits: tableUnits + indexUnits },
    memory: memory.end(),
    sent,
  };
}

export async function foldLoad(sent: IngestedLoad["sent"], tables: Tables): Promise<FoldedLoad> {
  const client = makeDocumentClient();
  const meter = countCapacity(client);
  const world = openWorld(client, tables, configuration);
  world.setNow(settledAt(firstHour, configuration));
  const memory = watchMemory();
  const meterSeconds: number[] = [await timed(() => world.meter())];
  const foldSeconds: number[] = [];
  for (const place of world.takeRequests()) foldSeconds.push(await timed(() => world.fold(place)));
  let ran = { records: 0, runs: 0 };
  meterSeconds.push(
    await timed(async () => {
      ran = await runUntilSubmitted(world);
    }),
  );
  const { tableUnits, indexUnits } = meter.take();
  const peak = memory.end();
  const expected = new Map(sent.map(([account, units]) => [account, BigInt(units)]));
  await world.assertCounted(expected);
  world.assertBilled(expected);
  return {
    foldSeconds,
    meterSeconds: meterSeconds.reduce((sum, seconds) => sum + seconds, 0),
    meterRuns: ran.runs + 1,
    records: ran.records,
    writeUnits: tableUnits + indexUnits,
    memory: peak,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now();
  await work();
  return (performance.now() - beganAtMs) / 1_000;
}

const sampleEveryMs = 20;
const mib = 2 ** 20;

/** The process's largest resident memory is the system's own figure; the heap is looked at every so often. */
function watchMemory() {
  let peakHeap = 0;
  const look = () => {
    peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed);
  };
  const timer = setInterval(look, sampleEveryMs);
  return {
    end() {
      look();
      clearInterval(timer);
      return { peakMib: process.resourceUsage().maxRSS / 1_024, peakHeapMib: peakHeap / mib };
    },
  };
}

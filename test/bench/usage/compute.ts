import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { example } from "@tollhouse/core/memory/example";
import { memoryFoldStore } from "@tollhouse/core/memory/fold-store";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryMetering } from "@tollhouse/core/memory/metering-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { memoryUsageLog } from "@tollhouse/core/memory/usage-log";
import { foldUsage } from "@tollhouse/core/metering/fold-usage";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import { shardCount, shardOf } from "@tollhouse/core/usage/shard";
import { configuration as exampleConfiguration } from "../engine.ts";
import { spreadOf } from "../statistics.ts";
import { hotLicense, inTurn, licenseOf, makeUsage, product, type UsageSupply } from "./event.ts";
import type { ComputeFigures, IngestFigures } from "./figures.ts";
import type { Task } from "./task.ts";
import { assertEqual, firstHour, settledAt } from "./world.ts";

/** What the code takes without any input or output, on one core. */

const licenseCount = 100;
/** As many messages of a hundred events as Lambda hands over at once: 6 MB. */
const batches = [
  { messages: 1_000, eventsPerMessage: 1 },
  { messages: 200, eventsPerMessage: 100 },
];

export async function measureCompute(
  { rounds, ingestEvents, foldEvents }: Extract<Task, { do: "compute" }>,
  onProgress: (what: string) => void,
): Promise<ComputeFigures> {
  const ingest: IngestFigures[] = [];
  for (const batch of batches) {
    onProgress(`Ingest without input and output, ${batch.eventsPerMessage} events a message`);
    ingest.push(await measureIngest(batch, rounds, ingestEvents));
  }
  onProgress("Fold without input and output");
  return { ingest, fold: await measureFold(rounds, foldEvents) };
}

async function measureIngest(
  { messages, eventsPerMessage }: (typeof batches)[number],
  rounds: number,
  eventCount: number,
): Promise<IngestFigures> {
  const usage = makeUsage(1);
  const pick = inTurn(Array.from({ length: licenseCount }, (_, number) => licenseOf(number)));
  const perBatch = Math.min(messages * eventsPerMessage, eventCount);
  const bodies = Array.from({ length: Math.ceil(eventCount / perBatch) }, () =>
    Array.from({ length: Math.ceil(perBatch / eventsPerMessage) }, () =>
      usage.message(firstHour, eventsPerMessage, pick),
    ),
  );
  const bytes = bodies.flat().reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  const ingested: number[] = [];
  const parsed: number[] = [];
  let packedBytes = 0;
  for (let round = 0; round <= rounds; round += 1) {
    let packed = 0;
    packedBytes = 0;
    const ports = {
      clock: { now: () => Promise.resolve(settledAt(firstHour, exampleConfiguration)) },
      quarantine: memoryQuarantine(),
      usageLog: {
        putSegments(segments: readonly { eventCount: number; bytes: Uint8Array }[]) {
          for (const segment of segments) {
            packed += segment.eventCount;
            packedBytes += segment.bytes.length;
          }
          return Promise.resolve();
        },
        putMarks: () => Promise.resolve(),
      },
    };
    const ingest = async () => {
      for (const [number, batch] of bodies.entries())
        await ingestUsage(
          ports,
          exampleConfiguration.settings,
          `b-${number}`,
          batch.map((body, index) => ({ id: `m-${index}`, body })),
        );
    };
    const parse = () => {
      for (const batch of bodies) for (const body of batch) JSON.parse(body);
      return Promise.resolve();
    };
    const [first, second] = round % 2 === 0 ? [ingest, parse] : [parse, ingest];
    const times = [await timed(first), await timed(second)] as const;
    assertEqual("events packed", packed, usage.sentEvents());
    // The first round is for the compiler.
    if (round === 0) continue;
    ingested.push(usage.sentEvents() / times[round % 2 === 0 ? 0 : 1]);
    parsed.push(usage.sentEvents() / times[round % 2 === 0 ? 1 : 0]);
  }
  return {
    eventsPerMessage,
    eventsPerBatch: perBatch,
    bytesPerEvent: bytes / usage.sentEvents(),
    packedBytesPerEvent: packedBytes / usage.sentEvents(),
    eventsPerSecond: spreadOf(ingested),
    parsedPerSecond: spreadOf(parsed),
    parsesPerIngest: spreadOf(parsed.map((rate, index) => rate / (ingested[index] ?? 0))),
  };
}

/** One event in so many comes twice. */
const repeatedEvery = 10;

async function measureFold(rounds: number, eventCount: number): Promise<ComputeFigures["fold"]> {
  const { usage, log } = await filledLog(eventCount);
  const sent = usage.sentEvents() + usage.sentEvents() / repeatedEvery;
  const ids = Array.from({ length: sent }, (_, index) => identity(index));
  const folded: number[] = [];
  const inserted: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const fold = await folder(usage, log);
    const insert = () => {
      const set = new Set<string>();
      for (const id of ids) set.add(id);
      assertEqual("ids in a set", set.size, ids.length);
      return Promise.resolve();
    };
    const [first, second] = round % 2 === 0 ? [fold.run, insert] : [insert, fold.run];
    const times = [await timed(first), await timed(second)] as const;
    await fold.assertCounted();
    if (round === 0) continue;
    folded.push(sent / times[round % 2 === 0 ? 0 : 1]);
    inserted.push(sent / times[round % 2 === 0 ? 1 : 0]);
  }
  return {
    events: sent,
    repeats: sent - usage.sentEvents(),
    eventsPerSecond: spreadOf(folded),
    insertedPerSecond: spreadOf(inserted),
    insertionsPerFold: spreadOf(inserted.map((rate, index) => rate / (folded[index] ?? 0))),
  };
}

/** Segments of one hour and shard as ingest makes them, a tenth of the messages twice. */
async function filledLog(eventCount: number) {
  const usage = makeUsage(2);
  const log = memoryUsageLog();
  const ports = {
    clock: { now: () => Promise.resolve(settledAt(firstHour, exampleConfiguration)) },
    quarantine: memoryQuarantine(),
    usageLog: log,
  };
  const bodies = Array.from({ length: eventCount / 1_000 }, () =>
    usage.message(firstHour, 1_000, () => hotLicense),
  );
  const repeated = bodies.filter((_, index) => index % repeatedEvery === 0);
  for (const [number, body] of [...bodies, ...repeated].entries())
    await ingestUsage(ports, exampleConfiguration.settings, `b-${number}`, [{ id: "m", body }]);
  return { usage, log };
}

type Log = ReturnType<typeof memoryUsageLog>;

/** Folds a filled log once, into books that were never written. */
async function folder(usage: UsageSupply, log: Log) {
  const configuration: Configuration = exampleConfiguration;
  const clock = { now: () => Promise.resolve(settledAt(firstHour, configuration)) };
  const { store } = memoryLifecycle();
  await recordFact(
    { store, clock, waker: { wake: () => Promise.resolve() } },
    configuration,
    example.licenseUpdated("f-1", "2026-10-01T00:00:00Z"),
  );
  const metering = memoryMetering();
  const ports = {
    ...metering,
    ...{
      clock,
      usageLog: log,
      folds: memoryFoldStore(),
      subscriptions: store,
      quarantine: memoryQuarantine(),
    },
  };
  const shard = shardOf(hotLicense, shardCount(configuration.settings.shards, firstHour));
  return {
    run: async (): Promise<void> => {
      await foldUsage(ports, configuration, { hour: firstHour, shard, value: "m" });
    },
    async assertCounted(): Promise<void> {
      for (const dimension of product.dimensions) {
        const { counted } = await metering.books.load({
          subscriptionId: hotLicense as SubscriptionId,
          dimension,
        });
        assertEqual("micro-units folded", counted, usage.sent.get(`${hotLicense} ${dimension}`) ?? 0n);
      }
    },
  };
}

/** 16 bytes as one text, as identities of events are. */
const identity = (number: number): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(Math.imul(number, 2_654_435_761) >>> 0, 0);
  bytes.writeUInt32BE(number, 4);
  return bytes.toString("latin1");
};

/** Seconds of the processor, all threads of this process together: what else the machine does is not counted. */
async function timed(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

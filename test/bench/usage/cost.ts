import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { keepUsageDays } from "@tollhouse/core/usage/retention";
import { shardOf } from "@tollhouse/core/usage/shard";
import { functions, queues } from "@tollhouse/functions/manifest";
import { configuration as exampleConfiguration } from "../engine.ts";
import { addCounts, countCapacity } from "./capacity.ts";
import { inTurn, licenseOf, makeUsage, type UsageSupply } from "./event.ts";
import type { CostFigures, CostsFigures, Counts } from "./figures.ts";
import { bytesPerQueueRequest, prices } from "./price.ts";
import type { Rate } from "./task.ts";
import {
  assertEqual,
  firstHour,
  openWorld,
  runUntilSubmitted,
  settledAt,
  type Tables,
  type World,
} from "./world.ts";

/**
 * What a million events cost at list prices, from what one hour of them asks for, once the hours before were like it: a fold
 * looks for repeats in those too.
 */

const eventsPerMessage = 100;
const { windowSeconds } = queues.Usage.batch;
export const windowsPerHour = 3_600 / windowSeconds;
/** Lambda reads a queue with five pollers at first (Lambda guide, "Using Lambda with Amazon SQS"); each fills a batch of its own. */
const pollerCounts = [1, 5];
/** A batch of more bytes is handed over before its window ends (same page: 6 MB). */
const bytesPerBatch = 6_000_000;
/** Lambda asks each queue that is empty so often: five pollers, 20 seconds each. */
const emptyReceivesPerHour = 5 * (3_600 / 20);
const hoursPerMonth = 730;

/** What one kind of call asked for, and how long it took. */
interface Spent {
  readonly counts: Counts;
  readonly calls: number;
  readonly seconds: number;
}

export async function measureRate(rate: Rate, tables: Tables): Promise<CostFigures[]> {
  const configuration = withShards(rate.shards);
  const client = makeDocumentClient();
  const meter = countCapacity(client);
  const world = openWorld(client, tables, configuration);
  /** Runs calls one after the other and says what they took. */
  const spend = async <Input>(
    inputs: readonly Input[],
    call: (input: Input) => Promise<unknown>,
  ): Promise<Spent> => {
    meter.take();
    const beganAtMs = performance.now();
    for (const input of inputs) await call(input);
    const seconds = (performance.now() - beganAtMs) / 1_000;
    return { counts: meter.take(), calls: inputs.length, seconds };
  };
  const licenses = licensesOf(rate);
  const folded = licenses.slice(0, rate.foldedShards).flat();
  const usage = makeUsage(99);
  await world.subscribe(folded);
  await fillHoursBefore(world, configuration, folded, rate, usage);
  await spend([1], () => runUntilSubmitted(world));

  const share = rate.foldedShards / rate.shards;
  const hours: { pollers: number; ingest: Ingest; folded: Folded }[] = [];
  for (const [index, pollers] of pollerCounts.entries()) {
    const hour = hoursLater(firstHour, configuration.settings.dedupeHours + index);
    world.setNow(settledAt(hour, configuration));
    const before = usage.sentEvents();
    // Of a part of the shards, as many batches as of the whole: the other shards' events are not in them.
    const bodies = batchesOf(usage, hour, folded, rate.eventsPerHour * share, windowsPerHour, pollers);
    const events = usage.sentEvents() - before;
    const ingest = { ...(await spend(bodies, world.ingest)), bodies, events };
    hours.push({ pollers, ingest, folded: { ...(await foldAll(world, spend)), events } });
    await world.assertCounted(usage.sent);
    world.assertBilled(usage.sent);
  }
  const figures: CostFigures[] = [];
  for (const { pollers, ingest, folded } of hours) {
    const sampled = share === 1 ? ingest : await ingestSample(world, rate, pollers, spend);
    figures.push(figuresOf(configuration, rate, pollers, sampled, folded));
  }
  return figures;
}

interface Ingest extends Spent {
  readonly bodies: readonly (readonly string[])[];
  readonly events: number;
}

interface Folded {
  readonly fold: Spent;
  readonly meter: Spent;
  /** One run of the meter that found nothing to do. */
  readonly idle: Spent;
  readonly events: number;
}

type Spend = <Input>(inputs: readonly Input[], call: (input: Input) => Promise<unknown>) => Promise<Spent>;

/** The meter asks for folds, they run, and later runs seal and submit. */
async function foldAll(world: World, spend: Spend): Promise<Omit<Folded, "events">> {
  const asked = await spend([1], () => world.meter());
  const fold = await spend(world.takeRequests(), world.fold);
  let runs = 0;
  const sealed = await spend([1], async () => {
    ({ runs } = await runUntilSubmitted(world));
  });
  return {
    fold,
    meter: {
      counts: addCounts(asked.counts, sealed.counts),
      calls: asked.calls + runs,
      seconds: asked.seconds + sealed.seconds,
    },
    idle: await spend([1], () => world.meter()),
  };
}

/** Batches of a few windows with events of all shards, which nobody folds. */
async function ingestSample(
  world: World,
  { eventsPerHour, shards, licenses: licenseCount, ingestedWindows }: Rate,
  pollers: number,
  spend: Spend,
): Promise<Ingest> {
  const usage = makeUsage(200 + pollers);
  const licenses = Array.from({ length: licenseCount }, (_, number) => licenseOf(number));
  assertEqual(
    "shards with a license",
    new Set(licenses.map((license) => shardOf(license, shards))).size,
    shards,
  );
  const count = (eventsPerHour / windowsPerHour) * ingestedWindows;
  const bodies = batchesOf(usage, firstHour, licenses, count, ingestedWindows, pollers);
  const spent = await spend(bodies, (batch) => world.ingest(batch));
  return { ...spent, bodies, events: usage.sentEvents() };
}

/** An hour's messages come evenly. Those of one window and poller are a batch, or several where they are too large for one. */
function batchesOf(
  usage: UsageSupply,
  hour: UtcHour,
  licenses: readonly string[],
  eventCount: number,
  windows: number,
  pollers: number,
): readonly (readonly string[])[] {
  const pick = inTurn(licenses);
  const messageCount = Math.ceil(eventCount / eventsPerMessage);
  const batches = new Map<string, string[]>();
  for (let message = 0; message < messageCount; message += 1) {
    const count = Math.min(eventsPerMessage, eventCount - message * eventsPerMessage);
    const body = usage.message(hour, Math.round(count), pick);
    const window = Math.floor((message / messageCount) * windows);
    const name = `${window} ${message % pollers}`;
    const batch = batches.get(name) ?? [];
    batch.push(body);
    batches.set(name, batch);
  }
  return [...batches.values()].flatMap(withinBytes);
}

function withinBytes(bodies: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [[]];
  let bytes = 0;
  for (const body of bodies) {
    if (bytes + body.length > bytesPerBatch) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(body);
    bytes += body.length;
  }
  return batches;
}

/** Licenses by shard, as many in each. */
function licensesOf({ licenses, shards }: Rate): readonly (readonly string[])[] {
  const perShard = Array.from({ length: shards }, (): string[] => []);
  if (licenses < shards) return [Array.from({ length: licenses }, (_, number) => licenseOf(number))];
  const each = Math.ceil(licenses / shards);
  for (let number = 0, found = 0; found < each * shards; number += 1) {
    const license = licenseOf(number);
    const shard = perShard[shardOf(license, shards)];
    if (shard === undefined || shard.length === each) continue;
    shard.push(license);
    found += 1;
  }
  return perShard;
}

/** As many hours as a fold looks back, each like the one that is counted. */
async function fillHoursBefore(
  world: World,
  configuration: Configuration,
  licenses: readonly string[],
  { eventsPerHour, foldedShards, shards }: Rate,
  usage: UsageSupply,
): Promise<void> {
  for (let past = 0; past < configuration.settings.dedupeHours; past += 1) {
    const hour = hoursLater(firstHour, past);
    world.setNow(settledAt(hour, configuration));
    const count = (eventsPerHour * foldedShards) / shards;
    for (const batch of batchesOf(usage, hour, licenses, count, 1, 1)) await world.ingest(batch);
    await world.meter();
    for (const place of world.takeRequests()) await world.fold(place);
  }
}

export async function measureIdle(tables: Tables): Promise<CostsFigures["idle"]> {
  const client = makeDocumentClient();
  const meter = countCapacity(client);
  const world = openWorld(client, tables, exampleConfiguration);
  world.setNow(settledAt(firstHour, exampleConfiguration));
  await world.meter();
  meter.take();
  const beganAtMs = performance.now();
  await world.meter();
  const seconds = (performance.now() - beganAtMs) / 1_000;
  const runs = meterRunsPerHour * hoursPerMonth;
  return {
    functions: runs * functionPrice("meter", 1, seconds),
    reads: runs * meter.take().readUnits * prices.readUnit,
    queues: 2 * emptyReceivesPerHour * hoursPerMonth * prices.queueRequest,
  };
}

const meterRunsPerHour = 12;

const withShards = (count: number): Configuration => ({
  ...exampleConfiguration,
  settings: { ...exampleConfiguration.settings, shards: [{ fromHour: 0 as UtcHour, count }] },
});

const functionPrice = (name: "usage" | "fold" | "meter", calls: number, seconds: number): number =>
  calls * prices.functionRequest +
  seconds * (functions[name].memoryMegabytes / 1_024) * prices.functionGbSecond;

/** Sent ten messages a call, received and deleted likewise; 64 KB of any call are one request. */
function queueRequests(batches: readonly (readonly string[])[]): number {
  let requests = 0;
  for (const batch of batches) {
    for (let start = 0; start < batch.length; start += 10) {
      const bytes = batch.slice(start, start + 10).reduce((sum, body) => sum + body.length, 0);
      requests += 2 * Math.ceil(bytes / bytesPerQueueRequest) + 1;
    }
  }
  return requests;
}

function figuresOf(
  { settings }: Configuration,
  rate: Rate,
  pollers: number,
  ingest: Ingest,
  { fold, meter, idle, events: foldedEvents }: Folded,
): CostFigures {
  // Of the meter's runs, what they took beyond runs that find nothing to do: those are part of being idle.
  const beyond = (of: (spent: Spent) => number) => Math.max(0, of(meter) - meter.calls * of(idle));
  const perEvent = (of: (counts: Counts) => number) =>
    of(ingest.counts) / ingest.events + (of(fold.counts) + beyond(({ counts }) => of(counts))) / foldedEvents;
  const writeUnits = perEvent(({ tableUnits, indexUnits }) => tableUnits + indexUnits);
  const readUnits = perEvent((counts) => counts.readUnits);
  const storedMonths = (keepUsageDays(settings) * 24) / hoursPerMonth;
  const foldRequests = fold.calls * 2 + Math.ceil(fold.calls / 10);
  const million = (perEventDollars: number) => perEventDollars * 1e6;
  return {
    eventsPerHour: rate.eventsPerHour,
    licenses: rate.licenses,
    shards: rate.shards,
    pollers,
    ingestedEvents: ingest.events,
    foldedEvents,
    batches: ingest.calls,
    writeUnitsPerEvent: writeUnits,
    readUnitsPerEvent: readUnits,
    writes: million(writeUnits * prices.writeUnit),
    reads: million(readUnits * prices.readUnit),
    storage: million(
      perEvent(({ storedBytes }) => storedBytes) * storedMonths * (prices.storageGbMonth / 1e9),
    ),
    queues: million(
      (queueRequests(ingest.bodies) / ingest.events + foldRequests / foldedEvents) * prices.queueRequest,
    ),
    functions: million(
      functionPrice("usage", ingest.calls, ingest.seconds) / ingest.events +
        (functionPrice("fold", fold.calls, fold.seconds) +
          functionPrice(
            "meter",
            0,
            beyond(({ seconds }) => seconds),
          )) /
          foldedEvents,
    ),
  };
}

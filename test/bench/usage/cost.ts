import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { shardOf } from "@tollhouse/core/usage/shard";
import { configuration as exampleConfiguration } from "../engine.ts";
import { batchesOf, licensesOf, windowsPerHour } from "./arrival.ts";
import { addCounts, countCapacity } from "./capacity.ts";
import { dollarsOf, type Folded, idleDollars, type Ingest, type Spent } from "./dollar.ts";
import { licenseOf, makeUsage, type UsageSupply } from "./event.ts";
import type { CostFigures, CostsFigures } from "./figures.ts";
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

/** Lambda reads a queue with five pollers at first (Lambda guide, "Using Lambda with Amazon SQS"); each fills a batch of its own. */
const pollerCounts = [1, 5];

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
    figures.push(dollarsOf(rate, pollers, sampled, folded));
  }
  return figures;
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
  return idleDollars({ counts: meter.take(), calls: 1, seconds });
}

const withShards = (count: number): Configuration => ({
  ...exampleConfiguration,
  settings: { ...exampleConfiguration.settings, shards: [{ fromHour: 0 as UtcHour, count }] },
});

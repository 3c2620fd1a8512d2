import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { configuration } from "../engine.ts";
import { addCounts, countCapacity } from "./capacity.ts";
import { inTurn, licenseOf, makeUsage } from "./event.ts";
import type { UnitsFigures } from "./figures.ts";
import type { Task } from "./task.ts";
import { assertEqual, firstHour, openWorld, runUntilSubmitted, settledAt } from "./world.ts";

/** What DynamoDB bills for usage, from the message to the outcome of its records. */

/** The load that design.md's target names. */
const eventsPerLicense = 1_000;
const eventsPerMessage = 100;
const batchSize = 1_000;

export async function measureUnits({
  licenses: count,
  tables,
}: Extract<Task, { do: "units" }>): Promise<UnitsFigures> {
  const client = makeDocumentClient();
  const meter = countCapacity(client);
  const world = openWorld(client, tables, configuration);
  const usage = makeUsage(5);
  const licenses = Array.from({ length: count }, (_, number) => licenseOf(number));
  const pick = inTurn(licenses);
  await world.subscribe(licenses);
  world.setNow(settledAt(firstHour, configuration));
  meter.take();
  for (let taken = 0; taken < count * eventsPerLicense; taken += batchSize) {
    const bodies = Array.from({ length: batchSize / eventsPerMessage }, () =>
      usage.message(firstHour, eventsPerMessage, pick),
    );
    assertEqual("events taken", (await world.ingest(bodies)).eventCount, batchSize);
  }
  const ingest = meter.take();
  await world.meter();
  const asked = meter.take();
  for (const place of world.takeRequests()) await world.fold(place);
  const fold = meter.take();
  const { records } = await runUntilSubmitted(world);
  const sealed = meter.take();
  assertEqual("usage records", records, usage.sent.size);
  await world.assertCounted(usage.sent);
  world.assertBilled(usage.sent);
  return {
    ...{ events: usage.sentEvents(), licenses: count, batchSize, ingest, fold },
    meter: addCounts(asked, sealed),
  };
}

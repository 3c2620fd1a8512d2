import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { configuration } from "../engine.ts";
import { spreadOf } from "../statistics.ts";
import { inTurn, licenseOf, makeUsage } from "./event.ts";
import type { PaceFigures } from "./figures.ts";
import type { Task } from "./task.ts";
import { assertEqual, atOnce, firstHour, openWorld, settledAt } from "./world.ts";

/** Ingest and fold against a database, and next to it what a table with an item per event needs: a PutItem for each. */

const eventsPerMessage = 100;
/** As many as Lambda hands over at once: 6 MB. */
const messagesPerBatch = 200;

export async function measurePace(
  { rounds, events, licenses: licenseCount, writes, tables }: Extract<Task, { do: "pace" }>,
  onProgress: (what: string) => void,
): Promise<PaceFigures> {
  const client = makeDocumentClient();
  const world = openWorld(client, tables, configuration);
  const usage = makeUsage(3);
  const licenses = Array.from({ length: licenseCount }, (_, number) => licenseOf(number));
  const pick = inTurn(licenses);
  await world.subscribe(licenses);
  let written = 0;
  const plainWrites = async (): Promise<number> => {
    const supply = makeUsage(4);
    const bodies = Array.from({ length: writes }, () => supply.message(firstHour, 1, pick));
    const beganAtMs = performance.now();
    const left = bodies.values();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const body of left) {
          written += 1;
          const Item = { pk: `EVENT#${written}`, sk: "EVENT", body };
          await client.send(new PutCommand({ TableName: tables.Metering, Item }));
        }
      }),
    );
    return (writes / (performance.now() - beganAtMs)) * 1_000;
  };
  const ours = async (hour: UtcHour) => {
    const batches = Array.from({ length: Math.ceil(events / eventsPerMessage / messagesPerBatch) }, () =>
      Array.from({ length: Math.min(messagesPerBatch, events / eventsPerMessage) }, () =>
        usage.message(hour, eventsPerMessage, pick),
      ),
    );
    const count = batches.flat().length * eventsPerMessage;
    world.setNow(settledAt(hour, configuration));
    const beganAtMs = performance.now();
    for (const batch of batches)
      assertEqual("events taken", (await world.ingest(batch)).eventCount, batch.length * eventsPerMessage);
    const ingestedAtMs = performance.now();
    await world.meter();
    await Promise.all(world.takeRequests().map(world.fold));
    const foldedAtMs = performance.now();
    await world.assertCounted(usage.sent);
    return {
      total: (count / (foldedAtMs - beganAtMs)) * 1_000,
      ingest: (count / (ingestedAtMs - beganAtMs)) * 1_000,
      fold: (count / (foldedAtMs - ingestedAtMs)) * 1_000,
      count,
    };
  };
  const measured: (Awaited<ReturnType<typeof ours>> & { plain: number })[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const hour = hoursLater(firstHour, round);
    const before = round % 2 === 0 ? await plainWrites() : undefined;
    const pace = await ours(hour);
    const plain = before ?? (await plainWrites());
    const name = round === 0 ? "Warming up" : `Round ${round} of ${rounds}`;
    onProgress(`${name}: ${pace.total.toFixed(0)} events/s, ${plain.toFixed(0)} plain writes/s`);
    if (round > 0) measured.push({ ...pace, plain });
  }
  return {
    events: measured[0]?.count ?? 0,
    eventsPerMessage,
    eventsPerSecond: spreadOf(measured.map(({ total }) => total)),
    ingestedPerSecond: spreadOf(measured.map(({ ingest }) => ingest)),
    foldedPerSecond: spreadOf(measured.map(({ fold }) => fold)),
    plainWritesPerSecond: spreadOf(measured.map(({ plain }) => plain)),
    timesFaster: spreadOf(measured.map(({ total, plain }) => total / plain)),
  };
}

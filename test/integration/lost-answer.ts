import { expect, vi } from "vitest";
import * as z from "zod";
import { requests } from "./metered.config.ts";
import type { MeteredWorld } from "./metered-world.ts";

const requestSchema = z.object({ UsageRecords: z.array(z.looseObject({ LicenseArn: z.string() })) });

/**
 * AWS takes a record and every answer about it is lost, for an hour; then the record is sent again, and answered.
 * @param status what AWS says of a record that comes again unchanged; its pages disagree
 */
export async function expectLostAnswerBilledOnce(
  world: MeteredWorld,
  status: "Success" | "DuplicateRecord",
): Promise<void> {
  const { door, recorder } = world;
  const [buyer] = await world.buy(requests, 1);
  if (buyer === undefined) throw new Error("Nobody bought.");
  const of = (body: string) => requestSchema.parse(JSON.parse(body)).UsageRecords;
  const sent = () => recorder.bodies.filter((body) => of(body)[0]?.LicenseArn === buyer.licenseArn);
  const lost = { on: "calls", operation: "BatchMeterUsage", fault: "lose-answer", probability: 1 };
  await door.setFaults("lost", [lost]);
  await world.use({ buyer, dimension: "requests", quantity: "10", tags: { team: "a" } });
  await world.hourSettles();
  await world.untilBilled(buyer, 10);
  await world.hourSettles();
  const before = sent().length;
  expect(before).toBeGreaterThan(0);
  const since = (await door.meteringCalls()).at(-1)?.number ?? 0;
  await door.setFaults("none", []);
  await door.setClock({ advanceSeconds: 300 });
  await vi.waitFor(
    async () => {
      const answered = (await door.meteringCalls(since)).find(({ fault }) => fault === undefined);
      expect(answered).toMatchObject({ outcome: "ok", note: { [status]: 1 } });
    },
    { timeout: 30_000, interval: 50 },
  );
  expect(sent().length).toBeGreaterThan(before);
  // The same to the byte, however often.
  expect(new Set(sent()).size).toBe(1);
  expect((await door.bill(buyer.licenseArn)).records.map(({ quantity }) => quantity)).toEqual([10]);
  await world.expectBilled(buyer, { requests: 10 });
}

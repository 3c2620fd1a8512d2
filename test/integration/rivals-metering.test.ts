import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { hasJava } from "../java.ts";
import { letters, many, manyDimensions, requests } from "./metered.config.ts";
import { expectLostAnswerBilledOnce } from "./lost-answer.ts";
import { type Buyer, type MeteredWorld, meteredWorld } from "./metered-world.ts";

/**
 * What AWS's own reference sample bills wrongly, run against AWS's documented rules (README, "Why it is right"): the same usage, sent
 * to a whole world over its real protocols, and the bill that AWS Marketplace's stand-in makes of it.
 */
describe.runIf(await hasJava("what others bill wrongly"))("billed equals used", () => {
  let world: MeteredWorld;
  beforeAll(async () => {
    world = await meteredWorld();
  });
  afterAll(() => world.close());
  afterEach(() => world.door.setFaults("none", []));

  const buyOne = async (productCode: string): Promise<Buyer> => {
    const [buyer] = await world.buy(productCode, 1);
    if (buyer === undefined) throw new Error("Nobody bought.");
    return buyer;
  };
  const struck = async () => (await world.door.faults()).map((fault) => fault.struck);

  it("when AWS returns UnprocessedRecords, again and again", async () => {
    const buyer = await buyOne(requests);
    await world.door.setFaults("left", [{ on: "records", fault: "leave-unprocessed", next: 9 }]);
    await world.use({ buyer, dimension: "requests", quantity: "5", tags: { team: "a" } });
    await world.hourSettles();
    // So often within one run; the next one goes on.
    await vi.waitFor(async () => expect(await struck()).toEqual([8]), { timeout: 30_000 });
    await world.door.setClock({ advanceSeconds: 300 });
    await world.expectBilled(buyer, { requests: 5 });
    expect(await struck()).toEqual([9]);
  });

  it("when a call is throttled", async () => {
    const buyer = await buyOne(requests);
    const throttle = { on: "calls", operation: "BatchMeterUsage", fault: "throttle", next: 1 };
    await world.door.setFaults("throttled", [throttle]);
    await world.use({ buyer, dimension: "requests", quantity: "5" });
    await world.hourSettles();
    await world.expectBilled(buyer, { requests: 5 });
    expect(await struck()).toEqual([1]);
  });

  it("of 26 dimensions for one customer, one more than a call takes", async () => {
    const buyer = await buyOne(many);
    await world.use(...manyDimensions.map((dimension) => ({ buyer, dimension, quantity: "1" })));
    await world.hourSettles();
    await world.expectBilled(buyer, Object.fromEntries(manyDimensions.map((dimension) => [dimension, 1])));
  });

  it("of usage that comes after its hour was billed, in the next hour", async () => {
    const buyer = await buyOne(requests);
    const time = await world.instant();
    await world.use({ buyer, dimension: "requests", quantity: "5", time, tags: { team: "a" } });
    await world.hourSettles();
    await world.untilBilled(buyer, 5);
    await world.use({ buyer, dimension: "requests", quantity: "7", time, tags: { team: "b" } });
    await world.hourSettles();
    await world.untilBilled(buyer, 12);
    const { records, tagTotals } = await world.door.bill(buyer.licenseArn);
    expect(records.map(({ quantity }) => quantity)).toEqual([5, 7]);
    expect(tagTotals.map(({ tags, quantity }) => [tags, quantity])).toEqual([
      [[["team", "a"]], 5],
      [[["team", "b"]], 7],
    ]);
    await world.expectBilled(buyer, { requests: 12 });
  });

  it("when a call is accepted, its answer lost, and the same sent again an hour later", async () => {
    await expectLostAnswerBilledOnce(world, "Success");
  });

  it("of one dimension twice in the first message of an hour", async () => {
    const buyer = await buyOne(requests);
    const once = { buyer, dimension: "requests" };
    await world.use({ ...once, quantity: "5" }, { ...once, quantity: "7" });
    await world.hourSettles();
    await world.expectBilled(buyer, { requests: 12 });
  });

  it("when a producer sends an event again with a new timestamp, in its hour and in the next", async () => {
    const buyer = await buyOne(letters);
    const event = { buyer, dimension: "letters", quantity: "5", id: "sent-again" };
    await world.use(event);
    await world.atRest();
    await world.door.setClock({ advanceSeconds: 600 });
    await world.use(event);
    await world.hourSettles();
    await world.untilBilled(buyer, 5);
    await world.use(event);
    await world.hourSettles();
    await world.expectBilled(buyer, { letters: 5 });
  });

  it("of two events in the same second", async () => {
    const buyer = await buyOne(letters);
    const same = { buyer, dimension: "letters", time: await world.instant() };
    await world.use({ ...same, quantity: "5" });
    await world.use({ ...same, quantity: "7" });
    await world.hourSettles();
    await world.expectBilled(buyer, { letters: 12 });
  });

  it("of 20,000 events of one hour, of many buyers, dimensions and teams", { timeout: 180_000 }, async () => {
    const buyers = await world.buy(many, 80);
    const dimensions = manyDimensions.slice(0, 10);
    const teams = ["a", "b", "c", "d", "e"];
    for (const buyer of buyers) {
      const uses = dimensions.flatMap((dimension) =>
        teams.flatMap((team) =>
          Array.from({ length: 5 }, () => ({ buyer, dimension, quantity: "1", tags: { team } })),
        ),
      );
      await world.use(...uses);
    }
    await world.hourSettles();
    const [first, ...others] = buyers;
    for (const buyer of others) await world.untilBilled(buyer, 250);
    const { tagTotals } = await world.door.bill();
    const licenses = new Set(buyers.map(({ licenseArn }) => licenseArn));
    const own = tagTotals.filter(({ licenseArn }) => licenses.has(licenseArn));
    expect(own.map(({ quantity }) => quantity)).toEqual(Array.from({ length: 80 * 10 * 5 }, () => 5));
    if (first !== undefined)
      await world.expectBilled(first, Object.fromEntries(dimensions.map((dimension) => [dimension, 25])));
  });
});

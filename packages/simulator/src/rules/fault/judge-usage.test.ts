import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bill } from "../metering/bill.ts";
import { Story } from "../story.ts";
import { chaos } from "./chaos.ts";
import type { Fault } from "./fault.ts";
import { orderResults } from "./judge-usage.ts";

/** A buyer whose usage is reported while these faults are asked for. */
function begin(...rules: readonly Fault[]) {
  const story = new Story();
  story.state.faults = { seed: "a", drawn: 0, rules };
  const agreement = story.buys("new-metered");
  const records = ["gb", "events"].flatMap((Dimension) =>
    [0, 1, 2].map((hours) =>
      Story.record(agreement, { Dimension, Timestamp: Story.hourAtMs / 1_000 + (hours - 1) * 3_600 }),
    ),
  );
  return { story, agreement, records };
}
const left = (more: object): Fault => ({ on: "records", fault: "leave-unprocessed", struck: 0, ...more });
const billed = (story: Story) =>
  bill(story.catalogue, story.state).records.map(({ dimension, hour, quantity }) => [
    dimension,
    hour,
    quantity,
  ]);

describe("records that AWS leaves unprocessed", () => {
  it("come back as they were sent and bill nothing, while the others are taken", () => {
    const { story, records } = begin(left({ next: 2 }));
    const answer = story.meters(records);
    expect(answer).toMatchObject({ UnprocessedRecords: records.slice(0, 2) });
    expect(billed(story)).toHaveLength(4);
    expect(story.outcome(records.slice(0, 2))).toBe("Success Success");
    expect(billed(story)).toHaveLength(6);
    expect(story.state.faults.rules).toMatchObject([{ next: 0, struck: 2 }]);
  });

  it("may be those of one dimension or license", () => {
    const { story, agreement, records } = begin(left({ probability: 1, dimension: "events" }));
    story.meters(records);
    expect(billed(story).map(([dimension]) => dimension)).toEqual(["gb", "gb", "gb"]);
    story.state.faults = { ...story.state.faults, rules: [left({ next: 9, licenseArn: "another" })] };
    expect(story.outcome([Story.record(agreement, { Dimension: "events" })])).toBe("Success");
  });

  it("are none where the call is refused, and no turn is lost by it", () => {
    const { story, records } = begin(left({ next: 1 }));
    const bad = { ...records[0], Dimension: "GB", Timestamp: 0 };
    expect(story.outcome([...records, bad])).toBe("InvalidUsageDimensionException");
    expect(story.state.faults.rules).toMatchObject([{ next: 1, struck: 0 }]);
  });
});

describe("results in another order than the records'", () => {
  const faults = (seed: string) => ({
    seed,
    drawn: 0,
    rules: [{ on: "results", fault: "shuffle", next: 1, struck: 0 } as const],
  });

  it("none stands in its record's place, none is missing, and one seed gives one order", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 25 }), (seed, count) => {
        const places = Array.from({ length: count }, (_, place) => place);
        const { results } = orderResults(faults(seed), places);
        expect(results.filter((result, place) => result === place)).toEqual([]);
        expect([...results].sort((a, b) => a - b)).toEqual(places);
        expect(orderResults(faults(seed), places).results).toEqual(results);
      }),
    );
  });

  it("say of each record what they would have said anyway", () => {
    const shuffled = begin({ on: "results", fault: "shuffle", probability: 1, struck: 0 });
    const plain = begin();
    const results = (story: Story, records: typeof plain.records) => {
      const answer = story.meters(records);
      return typeof answer === "string" ? [] : answer.Results;
    };
    const before = results(plain.story, plain.records);
    const after = results(shuffled.story, shuffled.records);
    expect(after).not.toEqual(before);
    expect(new Set(after.map((one) => JSON.stringify(one)))).toEqual(
      new Set(before.map((one) => JSON.stringify(one))),
    );
  });
});

describe("chaos", () => {
  it("is every fault that passes by itself", () => {
    const names = new Set(chaos().map(({ on, fault }) => `${on} ${fault}`));
    expect([...names].sort()).toEqual([
      "calls fail",
      "calls lose-answer",
      "calls slow",
      "calls throttle",
      "notifications delay",
      "notifications reorder",
      "notifications repeat",
      "records leave-unprocessed",
      "results shuffle",
    ]);
  });

  it("whoever sends again what was left has everything billed once", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const { story, records } = begin(...chaos());
        story.state.faults = { ...story.state.faults, seed };
        for (let waiting = records; waiting.length > 0;) {
          const answer = story.meters(waiting);
          if (typeof answer === "string") throw new Error(answer);
          waiting = [...answer.UnprocessedRecords];
        }
        expect(billed(story)).toHaveLength(records.length);
      }),
      { numRuns: 30 },
    );
  });
});

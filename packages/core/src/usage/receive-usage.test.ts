import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonReading } from "../json/read-json.ts";
import { at, exampleConfiguration } from "../memory/example.ts";
import { fixedClock } from "../time/clock.ts";
import { receiveUsage } from "./receive-usage.ts";

const { settings } = exampleConfiguration;
const now = at("2026-08-20T14:30:00Z");

const event = (id: string, change: object = {}) => ({
  ...{ specversion: "1.0", id, source: "/service/a", type: "usage", subject: "l-0123456789abcdef" },
  time: "2026-08-20T14:23:11Z",
  data: { dimension: "gb_stored", quantity: "1" },
  ...change,
});

/** @param stores says of a message, by its place, whether the queue takes it */
function world(stores: (place: number) => boolean = () => true) {
  const bodies: string[] = [];
  const queue = {
    put(offered: readonly string[]) {
      bodies.push(...offered);
      return Promise.resolve(offered.map((_, place) => stores(place)));
    },
  };
  const take = (readings: readonly JsonReading[]) =>
    receiveUsage({ queue, clock: fixedClock(now) }, settings, readings);
  return {
    bodies,
    take,
    receive: (...values: readonly unknown[]) => take(values.map((value) => ({ value }))),
    /** Ids of what is in the queue. */
    sent: () => bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id)),
  };
}

describe("events that a service hands over", () => {
  test("are in the queue as they came, and each is told so", async () => {
    const { receive, bodies } = world();
    const events = [event("e-1", { traceparent: "00-1" }), event("e-2")];
    expect(await receive(...events)).toEqual([
      { index: 0, id: "e-1", status: "accepted" },
      { index: 1, id: "e-2", status: "accepted" },
    ]);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([events]);
  });

  test("are refused one by one, by the rule of the queue, its times included", async () => {
    const { take, sent } = world();
    const values = [
      event("e-0"),
      event("", {}),
      event("e-2", { time: "2026-08-20T14:35:00.001Z" }),
      event("e-3", { time: "2026-07-01T00:00:00Z" }),
      7,
      null,
      event("x".repeat(257)),
      event("e-7"),
    ];
    const receipts = await take([
      ...values.map((value) => ({ value })),
      { refused: "the line is not valid JSON" },
    ]);
    expect(receipts.map((each) => ("reason" in each ? each.reason : each.status))).toEqual([
      "accepted",
      expect.stringMatching(/^id is empty/),
      expect.stringMatching(/minutes ahead of our clock/),
      expect.stringMatching(/more than 35 days ago/),
      expect.stringMatching(/is no CloudEvent/),
      expect.stringMatching(/is no CloudEvent/),
      expect.stringMatching(/^id is longer than 256/),
      "accepted",
      "the line is not valid JSON",
    ]);
    expect(receipts.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(receipts.map(({ id }) => id)).toEqual([
      ...["e-0", undefined, "e-2", "e-3", undefined, undefined, undefined, "e-7", undefined],
    ]);
    expect(sent()).toEqual(["e-0", "e-7"]);
  });

  test("without a good one among them ask nothing of the queue", async () => {
    const queue = { put: () => Promise.reject(new Error("asked")) };
    const receipts = await receiveUsage({ queue, clock: fixedClock(now) }, settings, [{ value: 7 }]);
    expect(receipts).toMatchObject([{ status: "refused" }]);
  });

  test("of one message that the queue did not take fail, and no others", async () => {
    const padding = "x".repeat(100_000);
    const { receive } = world((place) => place !== 1);
    const receipts = await receive(
      ...["e-0", "e-1", "e-2", "e-3"].map((id) => event(id, { padding })),
      event("", { padding }),
    );
    expect(receipts.map(({ status }) => status)).toEqual([
      ...["accepted", "accepted", "failed", "failed", "refused"],
    ]);
    expect(receipts[2]).toMatchObject({
      id: "e-2",
      reason: expect.stringContaining("send it again") as string,
    });
  });

  test("fill messages of at most 256 KiB, none left out, doubled or out of order", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 261_000 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const { receive, bodies, sent } = world();
        await receive(
          ...lengths.map((length, index) => event(`e-${index}`, { padding: "ü".repeat(length / 2) })),
        );
        expect(sent()).toEqual(lengths.map((_, index) => `e-${index}`));
        for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(262_144);
        // No two that follow each other would have fitted into one.
        bodies.slice(1).forEach((body, index) => {
          const [first = ""] = (JSON.parse(body) as object[]).map((each) => JSON.stringify(each));
          expect(Buffer.byteLength(bodies[index] ?? "") + 1 + Buffer.byteLength(first)).toBeGreaterThan(
            262_144,
          );
        });
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [262_144, "accepted"],
    [262_145, "refused"],
  ])("of %i bytes in a message alone are %s", async (bytes, status) => {
    const { receive, bodies } = world();
    const padding = "x".repeat(bytes - Buffer.byteLength(JSON.stringify([event("e-0", { padding: "" })])));
    expect(await receive(event("e-0", { padding }))).toMatchObject([{ status }]);
    expect(bodies.map((body) => Buffer.byteLength(body))).toEqual(status === "accepted" ? [bytes] : []);
  });

  test("with characters that SQS does not carry are sent in JSON's own spelling of them", async () => {
    const { receive, bodies } = world();
    const odd = event("a\ufffe\uffff\u0000\ud83d\ude00");
    expect(await receive(odd)).toMatchObject([{ status: "accepted" }]);
    // SendMessage reference: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
    expect(bodies[0]).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
    expect(JSON.parse(bodies[0] ?? "")).toEqual([odd]);
  });

  test.each([
    [262_144, 1],
    [262_145, 2],
  ])("that make a message of %i bytes together go in %i", async (bytes, messages) => {
    const { receive, bodies } = world();
    const least = Buffer.byteLength(JSON.stringify([event("e-0"), event("e-1", { padding: "" })]));
    await receive(event("e-0"), event("e-1", { padding: "x".repeat(bytes - least) }));
    expect(bodies).toHaveLength(messages);
  });

  test("of which ten thousand are bad are answered within what Lambda returns", async () => {
    const { receive } = world();
    const bad = { id: "x".repeat(50), tags: { ["ü".repeat(30)]: 1 } };
    const receipts = await receive(...Array.from({ length: 10_000 }, () => bad));
    expect(Buffer.byteLength(JSON.stringify(receipts))).toBeLessThan(6_000_000);
    for (const receipt of receipts)
      expect("reason" in receipt && receipt.reason.length <= 201 && receipt.reason.length > 20).toBe(true);
  });
});

import { describe, expect, test } from "vitest";
import { at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { activeWorld } from "../memory/seal-world.ts";
import { formatInstant } from "../time/instant.ts";
import { finalBarrier } from "./final-hour.ts";

const { settings } = exampleConfiguration;
/** The buyer leaves at 14:20 on the 20th; AWS takes usage until 15:20. */
const end = example.agreementEnded("f-2", "2026-08-20T14:20:00Z");

async function leaving() {
  const world = await activeWorld();
  await world.record(end);
  return world;
}

describe("the last hour of a grant", () => {
  test("is sealed once, though it has not ended, when what was on its way has had its time", async () => {
    const { count, seal } = await leaving();
    await count("2026-08-20T13", 2n);
    await count("2026-08-20T14", 3n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:34:59Z")).records).toEqual([["2026-08-20T13", 2n]]);
    expect((await seal("2026-08-20T13", "2026-08-20T14:35:00Z")).records).toEqual([["2026-08-20T14", 3n]]);
  });

  test("waits for its time even when the clock has passed it already", async () => {
    const { count, seal, record } = await activeWorld();
    await record(example.agreementEnded("f-2", "2026-08-20T14:59:00Z"));
    await count("2026-08-20T14", 3n);
    expect((await seal("2026-08-20T14", "2026-08-20T15:12:00Z")).records).toEqual([]);
    expect((await seal("2026-08-20T14", "2026-08-20T15:14:00Z")).records).toEqual([["2026-08-20T14", 3n]]);
  });

  test("has a deadline of an hour after the end, and so have all that are sealed from then on", async () => {
    const { count, sealWith, ports } = await leaving();
    await count("2026-08-20T12", 1n);
    await count("2026-08-20T14", 3n);
    const { sealed } = await sealWith(ports, "2026-08-20T13", "2026-08-20T14:40:00Z");
    expect(sealed.map(({ deadlineAt }) => formatInstant(deadlineAt))).toEqual([
      "2026-08-20T15:20:00.000Z",
      "2026-08-20T15:20:00.000Z",
    ]);
  });

  test("that is sealed lets later usage into the latest hour of the grant that is free", async () => {
    const { count, seal } = await leaving();
    await count("2026-08-20T13", 2n);
    await count("2026-08-20T14", 3n);
    await seal("2026-08-20T13", "2026-08-20T14:40:00Z");
    await count("2026-08-20T14", 4n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:50:00Z")).records).toEqual([["2026-08-20T12", 4n]]);
  });

  test("spreads what one record cannot hold over the hours before it", async () => {
    const { count, seal } = await leaving();
    await count("2026-08-20T14", 5_000_000_000n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:40:00Z")).records).toEqual([
      ["2026-08-20T14", 2_147_483_647n],
      ["2026-08-20T13", 2_147_483_647n],
      ["2026-08-20T12", 705_032_706n],
    ]);
  });

  test("puts nothing into an hour before startAt, which was metered elsewhere", async () => {
    const startAt = hour("2026-08-20T13");
    const products = exampleConfiguration.products.map((product) => ({ ...product, startAt }));
    const { count, seal, record } = await activeWorld({ ...exampleConfiguration, products });
    await record(end);
    await count("2026-08-20T14", 5_000_000_000n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:40:00Z")).records).toEqual([
      ["2026-08-20T14", 2_147_483_647n],
      ["2026-08-20T13", 2_147_483_647n],
    ]);
  });

  test("puts nothing into a month before its own", async () => {
    const { count, seal, record } = await activeWorld();
    await record(example.agreementEnded("f-2", "2026-09-01T00:20:00Z"));
    await count("2026-08-31T23", 2n);
    await count("2026-09-01T00", 3n);
    expect((await seal("2026-08-31T22", "2026-09-01T00:40:00Z")).records).toEqual([
      ["2026-08-31T23", 2n],
      ["2026-09-01T00", 3n],
    ]);
    await count("2026-09-01T00", 4n);
    expect((await seal("2026-08-31T22", "2026-09-01T00:50:00Z")).records).toEqual([]);
  });

  test("is not sealed in the last ten minutes before AWS takes nothing more", async () => {
    const { count, seal } = await leaving();
    await count("2026-08-20T14", 3n);
    expect((await seal("2026-08-20T13", "2026-08-20T15:10:00Z")).records).toEqual([]);
  });

  test("is an hour like any other once the buyer has come back within the window", async () => {
    const { count, seal, record } = await leaving();
    await record(example.licenseUpdated("f-3", "2026-08-20T14:30:00Z", { agreementId: "agmt-2" }));
    await count("2026-08-20T14", 3n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:40:00Z")).records).toEqual([]);
    expect((await seal("2026-08-20T14", "2026-08-20T15:40:00Z")).records).toEqual([["2026-08-20T14", 3n]]);
  });
});

describe("the barrier before a last hour", () => {
  const cutAt = at("2026-08-20T14:20:00Z");
  const barrier = (now: string, ...heads: readonly (readonly [string, string | undefined])[]) =>
    finalBarrier(settings, at(now), () =>
      Promise.resolve(
        heads.map(([of, covered]) => ({
          hour: hour(of),
          coveredUntil: covered === undefined ? undefined : at(covered),
        })),
      ),
    )(cutAt);

  test.each([
    ["no usage is on its way", [], true],
    ["usage of the hour is not folded", [["2026-08-20T14", undefined]], false],
    [
      "usage of the hour is folded, but not all of its time",
      [["2026-08-20T14", "2026-08-20T14:34:59Z"]],
      false,
    ],
    ["usage of the hour is folded", [["2026-08-20T14", "2026-08-20T14:35:00Z"]], true],
    ["usage of an earlier hour is not folded", [["2026-08-20T13", "2026-08-20T14:00:00Z"]], false],
    ["usage of a later hour is not folded", [["2026-08-20T15", undefined]], true],
  ] as const)("when %s: %j", async (_, heads, expected) => {
    expect(await barrier("2026-08-20T14:36:00Z", ...heads)).toBe(expected);
  });

  test("falls twenty minutes before AWS takes nothing more, whatever is folded", async () => {
    expect(await barrier("2026-08-20T14:59:59Z", ["2026-08-20T14", undefined])).toBe(false);
    expect(await barrier("2026-08-20T15:00:00Z", ["2026-08-20T14", undefined])).toBe(true);
  });
});

test("late usage of a month that is over goes into any hour of it that is free, before it goes into the next month", async () => {
  const { count, seal } = await activeWorld();
  await count("2026-08-31T22", 1n);
  await count("2026-08-31T23", 1n);
  await seal("2026-08-31T23", "2026-09-01T03:10:00Z");
  await count("2026-08-31T22", 7n);
  expect((await seal("2026-09-01T01", "2026-09-01T03:20:00Z")).records).toEqual([["2026-08-31T21", 7n]]);
  await count("2026-08-31T22", 8n);
  expect((await seal("2026-09-01T04", "2026-09-01T05:10:00Z")).records).toEqual([["2026-09-01T00", 8n]]);
});

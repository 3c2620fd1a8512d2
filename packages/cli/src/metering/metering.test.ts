import type { Product } from "@tollhouse/core/configuration/configuration";
import { analyticsCode, archiveCode, at, example, hour, mailerCode } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { asJson } from "../output/json.ts";
import { pauseMetering, resumeMetering } from "./pause.ts";
import { showMetering } from "./show.ts";

/** Four units of a license are pending, since AWS cannot be reached. */
async function world(change: Readonly<Record<string, Partial<Product>>> = {}) {
  const meter = exampleMeter();
  const { configuration: example_ } = meter.source;
  const products = example_.products.map((product) => ({ ...product, ...change[product.code] }));
  const configuration = { ...example_, products };
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  const source = { ...meter.source, configuration, directory: meter.ports.directory };
  const unavailable = { kind: "unavailable", reason: "the role is gone", effect: "none" } as const;
  const submitter = { submit: () => Promise.resolve(unavailable) };
  const run = () => runMeter({ ...meter.ports, submitter }, configuration);
  const use = async () => {
    await meter.ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    await run();
  };
  const stateOf = async (code: string) => (await showMetering(source, code)).data.products[0];
  return { ...meter, source, run, use, stateOf };
}

describe("metering", () => {
  test("shows of each product that it is metered, and what waits", async () => {
    const { source, use } = await world();
    await use();
    const answer = await showMetering(source, undefined);
    expect(answer.data.products.map(({ title, state }) => [title, state])).toEqual([
      ["Example Mailer", "live"],
      ["Example Analytics", "live"],
      ["Example Archive", "live"],
    ]);
    expect(JSON.parse(asJson(answer.data.products[1]))).toMatchObject({
      waits: { units: "4", records: 1, nearestAt: "2026-08-21T14:00:00.000Z" },
    });
    const text = shownAt(80, answer);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text.replaceAll("\n", " ")).toContain(
      "4 units wait to be accepted, with 1 pending record; the first is lost at 2026-08-21 14:00:00Z.",
    );
    expect(text).toContain("Nothing waits to be accepted.");
  });

  test("is paused with a reason, and says what that costs; nothing is sealed until it goes on", async () => {
    const { source, use, run, ports, stateOf } = await world();
    const paused = await pauseMetering(source, analyticsCode, "counts twice");
    expect(paused.data).toMatchObject({
      changed: true,
      product: { state: "paused", paused: { reason: "counts twice" } },
    });
    expect(paused.isWrong).toBeUndefined();
    await use();
    expect(await ports.records.pending(analyticsCode, at("2026-09-01T00:00:00Z"), 9)).toEqual([]);
    expect(await stateOf(analyticsCode)).toMatchObject({ waits: { units: "4", records: 0 } });
    expect(shownAt(200, await showMetering(source, analyticsCode))).toMatch(
      /Paused since 2026-08-20 15:15:00Z: counts twice\.\n4 units wait .* while their grants go on, none of them is lost\./,
    );
    const again = await pauseMetering(source, analyticsCode, "another reason");
    expect(again.data).toMatchObject({ changed: false, product: { paused: { reason: "counts twice" } } });
    expect(shownAt(200, again)).toContain("is paused already, since 2026-08-20 15:15:00Z");
    const resumed = await resumeMetering(source, analyticsCode);
    expect(resumed.data).toMatchObject({ changed: true, product: { state: "live" } });
    expect(shownAt(200, resumed)).toContain("It was paused since 2026-08-20 15:15:00Z: counts twice.");
    await run();
    expect(await stateOf(analyticsCode)).toMatchObject({ waits: { records: 1 } });
    const once = await resumeMetering(source, analyticsCode);
    expect(once.data).toMatchObject({ changed: false });
    expect(shownAt(200, once)).toContain("Example Analytics is not paused.");
  });

  test("is held, rehearsing or rehearsed, in words", async () => {
    const { ports, stateOf } = await world({
      [archiveCode]: { metering: "dry-run", startAt: hour("2026-08-20T10") },
    });
    await ports.switches.hold(analyticsCode, "the product code is wrong", at("2026-08-20T15:00:00Z"));
    expect(await stateOf(analyticsCode)).toMatchObject({
      state: "held",
      held: { reason: "the product code is wrong" },
    });
    expect((await stateOf(analyticsCode))?.sentences[0]).toMatch(
      /AWS takes nothing of it since 2026-08-20 15:00:00Z/,
    );
    await ports.switches.rehearse(archiveCode, hour("2026-08-20T14"));
    expect((await stateOf(archiveCode))?.sentences[0]).toBe(
      "In a dry run from 2026-08-20T10 on, rehearsed through 2026-08-20T14: everything is counted, and nothing is sealed or sent.",
    );
    await ports.switches.rehearse(mailerCode, hour("2026-08-20T14"));
    expect(await stateOf(mailerCode)).toMatchObject({
      state: "rehearsed",
      rehearsedThrough: "2026-08-20T14",
    });
    expect((await stateOf(mailerCode))?.sentences[0]).toContain("set its startAt to a later hour");
  });

  test("says when AWS may opt a listing in that changes from the product code to the license", async () => {
    const { stateOf, record, ingest, run, setNow, ports } = await world({
      [archiveCode]: { metersByLicenseFrom: hour("2026-08-20T15"), startAt: undefined },
    });
    setNow(at("2026-08-20T09:30:00Z"));
    await record(example.subscribeSucceeded("a-1", "2026-08-20T09:00:00Z", { productCode: archiveCode }));
    const subject = `${archiveCode}/X01EXAMPLEX`;
    const data = { dimension: "gb_archived", quantity: "3" };
    setNow(at("2026-08-20T14:30:00Z"));
    await ingest([usage("a-2", "2026-08-20T14:05:00Z", "3", { subject, data })]);
    setNow(at("2026-08-20T15:15:00Z"));
    await run();
    const before = await stateOf(archiveCode);
    expect(before).toMatchObject({ migration: { records: 1, units: "0", isDone: false } });
    expect(before?.sentences.join(" ")).toContain("1 record under the product code has no outcome yet");
    for (const one of await ports.records.pending(archiveCode, at("2026-09-01T00:00:00Z"), 9))
      await ports.records.conclude(one, { state: "accepted", at: at("2026-08-20T15:20:00Z") });
    // Of hours from then on nothing is left under the product code, though their license is not known yet.
    await ingest([usage("a-3", "2026-08-20T15:05:00Z", "3", { subject, data })]);
    setNow(at("2026-08-20T16:15:00Z"));
    await run();
    expect(await stateOf(archiveCode)).toMatchObject({ waits: { units: "3" } });
    const after = await stateOf(archiveCode);
    expect(after).toMatchObject({ migration: { records: 0, units: "0", isDone: true } });
    expect(after?.sentences.join(" ")).toContain("AWS may opt the listing in.");
  });

  test("does not let AWS opt a listing in before the hours under the product code are sealed", async () => {
    const { stateOf, run } = await world({ [archiveCode]: { metersByLicenseFrom: hour("2026-08-20T20") } });
    await run();
    expect(await stateOf(archiveCode)).toMatchObject({
      migration: { records: 0, units: "0", isDone: false },
    });
  });

  test.each([
    ["n0", /There is no product n0 in tollhouse\.config\.ts\. Give one of .*Example Mailer/],
    ["prod-abcdefg", /is a product id, not a product code/],
  ])("of the product %s is a mistake, and changes nothing", async (code, message) => {
    const { source } = await world();
    for (const act of [
      () => pauseMetering(source, code, "why"),
      () => resumeMetering(source, code),
      () => showMetering(source, code),
    ])
      await expect(act()).rejects.toMatchObject({
        code: "wrong-usage",
        message: expect.stringMatching(message) as string,
      });
  });

  test("of a product without metered dimensions cannot be paused", async () => {
    const { source } = await world({ [mailerCode]: { dimensions: [{ key: "seats", kind: "entitled" }] } });
    await expect(pauseMetering(source, mailerCode, "why")).rejects.toMatchObject({
      message: expect.stringContaining("nothing to pause") as string,
    });
    expect((await showMetering(source, undefined)).data.products.map(({ title }) => title)).not.toContain(
      "Example Mailer",
    );
  });

  test("is told to stand still while the books are a backup's, with what ends it", async () => {
    const { source } = await world();
    await source.runWitness.raise({ count: 7, at: at("2026-08-20T14:00:00Z") });
    const answer = await showMetering(source, undefined);
    expect(answer.isWrong).toBe(true);
    expect(answer.data.restored).toContain('Set startAt: "2026-08-20T15" or later for Example Mailer');
    const text = shownAt(80, answer);
    expect(text).toMatch(/^The Metering table is a backup/);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

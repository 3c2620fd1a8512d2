import { analyticsCode, at, example, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { asJson } from "../output/json.ts";
import { listAtRisk } from "./at-risk.ts";
import { showRehearsal } from "./rehearsal.ts";

const plain = { withinHours: 1, limit: 50, withConflicts: true };

/** Of a license, four units that AWS does not take at present and a conflict of two; three of somebody unknown. */
async function world() {
  const meter = exampleMeter();
  meter.setNow(at("2026-08-20T14:10:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.record(example.registered("f-2", "2026-08-20T12:01:00Z"));
  await meter.ingest([usage("e-1", "2026-08-20T13:05:00Z", "2")]);
  const answering = (status: "duplicate" | "refused") => ({
    ...meter.ports,
    submitter: {
      submit: (records: readonly unknown[]) =>
        Promise.resolve({
          kind: "answered" as const,
          answers: records.map(() =>
            status === "duplicate"
              ? ({ status, meteringRecordId: "m-9" } as const)
              : ({
                  status: "waiting",
                  reason: "CustomerNotSubscribed",
                  effect: "none",
                  refusedAs: "not-subscribed",
                } as const),
          ),
        }),
    },
  });
  await runMeter(answering("duplicate"), meter.source.configuration);
  await meter.ingest([
    usage("e-2", "2026-08-20T14:05:00Z", "4.5"),
    usage("e-3", "2026-08-20T14:05:00Z", "3", { subject: "tenant-42" }),
  ]);
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await runMeter(answering("refused"), meter.source.configuration);
  const source = { ...meter.source, directory: meter.ports.directory };
  return { ...meter, source };
}

describe("ledger at-risk", () => {
  test("lists what AWS has not accepted, nearest deadline first, with sums and the conflicts beside", async () => {
    const { source } = await world();
    const answer = await listAtRisk(source, plain);
    expect(answer.isWrong).toBe(false);
    expect(JSON.parse(asJson(answer.data))).toEqual({
      ...{ withinHours: 1, soon: 0, dryRuns: [], isMore: false, more: 0 },
      all: { units: "7", records: 1, nearestAt: "2026-08-21T14:00:00.000Z" },
      byProduct: [
        {
          ...{ productCode: analyticsCode, title: "Example Analytics", units: "4", records: 1 },
          nearestAt: "2026-08-21T14:00:00.000Z",
        },
      ],
      byReason: [
        { reason: "CustomerNotSubscribed", units: "4", records: 1, nearestAt: "2026-08-21T14:00:00.000Z" },
        {
          reason: "it fits nobody yet (subject-unknown)",
          units: "3",
          records: 0,
          nearestAt: "2026-09-24T15:15:00.000Z",
        },
      ],
      risks: [
        {
          ...{ kind: "record", name: `${licenseId}/gb_stored/2026-08-20T14`, units: "4", attempts: 0 },
          ...{ reason: "CustomerNotSubscribed", productCode: analyticsCode },
          ...{ deadlineAt: "2026-08-21T14:00:00.000Z", retryAt: "2026-08-20T16:15:00.000Z" },
        },
        {
          ...{ kind: "waiting", name: "tenant-42", units: "3", deadlineAt: "2026-09-24T15:15:00.000Z" },
          reason: "it fits nobody yet (subject-unknown)",
        },
      ],
      conflicts: {
        ...{ count: 1, units: "2" },
        latest: [
          {
            name: `${licenseId}/gb_stored/2026-08-20T13`,
            productCode: analyticsCode,
            units: "2",
            at: "2026-08-20T14:10:00.000Z",
          },
        ],
      },
    });
  });

  test.each([80, 140])("fits %i columns, and says what to do next", async (width) => {
    const { source } = await world();
    const text = shownAt(width, await listAtRisk(source, plain));
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(text).toContain("7 units are not accepted yet, none of them lost within 1 hour.");
    expect(text).toMatch(/^Conflicts of the last 45 days: 1, of which up to 2 units/m);
    expect(text).toContain("tollhouse usage unattributed");
    expect(text).toContain(`${licenseId}/gb_stored/2026-08-20T13`);
  });

  test("ends with 1 when something is lost within the hours asked for", async () => {
    const { source, setNow } = await world();
    setNow(at("2026-08-21T12:30:00Z"));
    expect(await listAtRisk(source, plain)).toMatchObject({ isWrong: false });
    const answer = await listAtRisk(source, { ...plain, withinHours: 1.5 });
    expect(answer).toMatchObject({ isWrong: true, data: { soon: 1 } });
    expect(shownAt(80, answer)).toContain("some are lost within 1.5 hours.");
  });

  test("leaves out conflicts, and other products, when asked to", async () => {
    const { source } = await world();
    const { data } = await listAtRisk(source, { ...plain, product: analyticsCode, withConflicts: false });
    expect(data.risks.map(({ kind }) => kind)).toEqual(["record"]);
    expect(data).not.toHaveProperty("conflicts");
    await expect(listAtRisk(source, { ...plain, product: "prod-1234567" })).rejects.toMatchObject({
      ...{
        code: "wrong-usage",
        message: expect.stringMatching(/is a product id.*Example Analytics/) as string,
      },
    });
  });

  test("says so when nothing is at risk", async () => {
    const { source, ports } = exampleMeter();
    const answer = await listAtRisk({ ...source, directory: ports.directory }, plain);
    expect(answer.isWrong).toBe(false);
    expect(shownAt(80, answer)).toBe("Nothing is at risk.");
  });
});

describe("ledger rehearsal", () => {
  test("shows what a product in a dry run would send, and writes nothing", async () => {
    const meter = exampleMeter();
    meter.setNow(at("2026-08-20T15:15:00Z"));
    const configuration = {
      ...meter.source.configuration,
      products: meter.source.configuration.products.map((one) => ({ ...one, metering: "dry-run" as const })),
    };
    await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
    await meter.ingest([usage("e-1", "2026-08-20T14:05:00Z", "4.5")]);
    await runMeter(meter.ports, configuration);
    const source = { ...meter.source, configuration, directory: meter.ports.directory };
    const before = structuredClone(meter.metering.contents);
    const answer = await showRehearsal(source, { product: analyticsCode, limit: 50 });
    expect(meter.metering.contents).toEqual(before);
    expect(answer.data).toMatchObject({
      ...{ through: "2026-08-20T14", moreRecords: 0, stays: [] },
      records: [{ name: `${licenseId}/gb_stored/2026-08-20T14`, quantity: "4", by: "license" }],
      byDimension: [{ productCode: analyticsCode, dimension: "gb_stored", records: 1, units: "4" }],
    });
    const text = shownAt(80, answer);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text).toContain("Nothing was written or sent.");
    expect(text).toMatch(/gb_stored +1 +4/);
    const risk = await listAtRisk(source, { ...plain, withConflicts: false });
    expect(risk.data).toMatchObject({
      risks: [],
      dryRuns: expect.arrayContaining([analyticsCode]) as string[],
    });
    expect(shownAt(200, risk)).toContain("In a dry run, so nothing of them is sent");
  });

  test("says so when nothing would be sealed", async () => {
    const { source, ports } = exampleMeter();
    const answer = await showRehearsal({ ...source, directory: ports.directory }, { limit: 50 });
    expect(shownAt(80, answer)).toContain("Nothing would be sealed now");
  });
});

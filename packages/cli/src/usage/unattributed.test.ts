import { at, example, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { listUnattributed } from "./unattributed.ts";

async function world() {
  const meter = exampleMeter();
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4", { subject: "tenant-42" }),
    usage("e-2", "2026-08-20T13:06:00Z", "0.5", { subject: "tenant-42" }),
    usage("e-3", "2026-08-20T14:06:00Z", "3", {
      subject: licenseArn,
      data: { dimension: "x", quantity: "3" },
    }),
    usage("e-4", "2026-08-20T11:06:00Z", "7"),
    usage("e-5", "2026-08-20T14:05:00Z", "9"),
  ]);
  await runMeter(meter.ports, meter.source.configuration);
  return meter.source;
}

describe("usage unattributed", () => {
  test("has what waits by subject: why, how much, since when and until when", async () => {
    const { data } = await listUnattributed(await world(), 50);
    const waits = { since: at("2026-08-20T15:15:00Z"), givenUpAt: at("2026-09-24T15:15:00Z") };
    expect(data.isMore).toBe(false);
    expect(data.unattributed.toSorted((a, b) => a.subject.localeCompare(b.subject))).toEqual([
      {
        ...{ subject: licenseId, units: "10", events: 2, hours: ["2026-08-20T11", "2026-08-20T14"] },
        reasons: expect.arrayContaining(["outside-grant", "dimension-not-metered"]) as string[],
        ...waits,
      },
      {
        ...{ subject: "tenant-42", reasons: ["subject-unknown"], units: "4.5", events: 2 },
        hours: ["2026-08-20T13", "2026-08-20T14"],
        ...waits,
      },
    ]);
  });

  test.each([80, 140])(
    "fits %i columns, and says of each reason what it means and what to do",
    async (width) => {
      const text = shownAt(width, await listUnattributed(await world(), 50));
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
      expect(text).toMatch(/tenant-42 +4\.5 .*subject-unknown/);
      expect(text).toContain("subject-unknown: no subscription, customer or reference has this name.");
      expect(text).toContain("outside-grant: no subscription of this subject was in force at the time.");
      expect(text).toContain("tollhouse subscriptions show <subject>");
    },
  );

  test("says when there is more than was read", async () => {
    const answer = await listUnattributed(await world(), 1);
    expect(answer.data).toMatchObject({ isMore: true, unattributed: [{ events: 1 }] });
    expect(shownAt(80, answer)).toContain("--limit 2 reads more");
  });

  test("says so when nothing waits", async () => {
    expect(shownAt(80, await listUnattributed(exampleMeter().source, 50))).toMatch(/^Nothing waits/);
  });
});

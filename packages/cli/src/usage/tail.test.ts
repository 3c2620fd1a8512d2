import { at, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { packSegments, unpackSegment } from "@tollhouse/core/usage/segment";
import { describe, expect, test } from "vitest";
import { exampleMeter, exampleNow } from "../example-source.ts";
import { eventLines } from "./event-line.ts";
import { Newest } from "./newest.ts";
import { UsageTail } from "./tail.ts";

const ids = ({ events }: Awaited<ReturnType<UsageTail["look"]>>) => events.map(({ event }) => event.id);

describe("usage tail", () => {
  test("begins with the newest of this hour and the last, and then shows what comes, once", async () => {
    const { source, ingest } = exampleMeter();
    const tail = new UsageTail(source, 2);
    await ingest([
      usage("older", "2026-08-21T10:59:00Z"),
      usage("b", "2026-08-21T11:59:00Z"),
      usage("a", "2026-08-21T11:01:00Z"),
      usage("c", "2026-08-21T12:04:00Z", "1", { subject: "tenant-42" }),
    ]);
    expect(ids(await tail.look(exampleNow))).toEqual(["b", "c"]);
    expect(ids(await tail.look(exampleNow))).toEqual([]);
    await ingest([usage("d", "2026-08-21T11:02:00Z"), usage("a", "2026-08-21T11:01:00Z")]);
    expect(ids(await tail.look(exampleNow))).toEqual(["a", "d"]);
    expect(ids(await tail.look(exampleNow))).toEqual([]);
  });

  test("reads nothing again while no mark has changed, but takes that on trust for a while only", async () => {
    const { source, ingest } = exampleMeter();
    let reads = 0;
    const usageLog = {
      ...source.usageLog,
      unfolded(...given: Parameters<typeof source.usageLog.unfolded>) {
        reads += 1;
        return source.usageLog.unfolded(...given);
      },
    };
    await ingest([usage("a", "2026-08-21T11:59:00Z")]);
    const tail = new UsageTail({ ...source, usageLog }, 10);
    await tail.look(exampleNow);
    const first = reads;
    await tail.look(exampleNow);
    expect(reads).toBe(first);
    // It came in and was folded at once: its mark is gone.
    const { segments } = source.usageLog.contents();
    await source.usageLog.putSegments(segments.map((segment) => ({ ...segment, id: "unmarked" })));
    for (let looks = 2; looks < 60; looks += 1) await tail.look(exampleNow);
    expect(reads).toBe(first);
    expect(ids(await tail.look(exampleNow))).toEqual(["a"]);
  });

  test("goes on with the hours, and forgets those that are over", async () => {
    const { source, ingest, usageLog, setNow } = exampleMeter();
    const tail = new UsageTail(source, 10);
    await tail.look(exampleNow);
    const later = at("2026-08-21T15:30:00Z");
    setNow(later);
    await ingest([usage("late", "2026-08-21T10:30:00Z"), usage("now", "2026-08-21T14:31:00Z")]);
    // Folded already when its hour is looked at for the first time.
    for (const mark of usageLog.contents().marks) await usageLog.removeMark(mark);
    expect(ids(await tail.look(later))).toEqual(["now"]);
    expect(ids(await tail.look(at("2026-08-21T16:30:00Z")))).toEqual([]);
  });

  test("finds usage by the shards of the log, whatever the configuration says", async () => {
    const { source, usageLog } = exampleMeter();
    const shards = () =>
      Promise.resolve([{ fromHour: 0, count: 8 }] as Awaited<ReturnType<typeof source.shards>>);
    await usageLog.putSegments(await segmentsInShard(7));
    expect(ids(await new UsageTail({ ...source, shards }, 10).look(exampleNow))).toEqual(["e-1"]);
    expect(ids(await new UsageTail(source, 10).look(exampleNow))).toEqual([]);
  });

  test.each([
    [licenseId, ["arn", "bare"]],
    [licenseArn.replace("::", ":us-east-1:"), ["arn", "bare"]],
    ["tenant-42", ["other"]],
    ["tenant", []],
  ])("of subject %s shows what names it, and nothing else", async (subject, expected) => {
    const { source, ingest } = exampleMeter();
    await ingest([
      usage("arn", "2026-08-21T11:01:00Z", "1", { subject: licenseArn }),
      usage("bare", "2026-08-21T11:02:00Z"),
      usage("other", "2026-08-21T11:03:00Z", "1", { subject: "tenant-42" }),
    ]);
    expect(ids(await new UsageTail(source, 10, subject).look(exampleNow))).toEqual(expected);
  });

  test("tells of a segment that cannot be read, by its key, and shows the others", async () => {
    const { source, ingest, usageLog } = exampleMeter();
    await ingest([usage("a", "2026-08-21T11:59:00Z")]);
    const [segment] = usageLog.contents().segments;
    if (segment === undefined) throw new Error("nothing was stored");
    const bytes = segment.bytes.slice(0, -1);
    await usageLog.putSegments([{ ...segment, id: "broken", bytes }]);
    const batch = await new UsageTail(source, 10).look(exampleNow);
    expect(ids(batch)).toEqual(["a"]);
    expect(batch.damaged).toEqual([
      expect.stringContaining(`2026-08-21T11/${segment.shard}/broken does not match its checksum`),
    ]);
  });
});

async function segmentsInShard(shard: number) {
  const { ingest, usageLog } = exampleMeter();
  await ingest([usage("e-1", "2026-08-21T11:59:00Z")]);
  const [held] = usageLog.contents().segments;
  if (held === undefined) throw new Error("nothing was stored");
  return packSegments({ hour: held.hour, shard }, unpackSegment(held), "b");
}

describe("an event's line", () => {
  const lines = async (width: number, ...events: readonly object[]) => {
    const { source, ingest } = exampleMeter();
    await ingest(events);
    const batch = await new UsageTail(source, 10).look(exampleNow);
    return eventLines(width)(batch.events.map(({ event }) => event));
  };
  const tagged = { data: { dimension: "gb_stored", quantity: "12.5", tags: { team: "growth", at: "eu" } } };

  test("has time, subject, dimension, quantity, tags and the event's own name, in columns", async () => {
    expect(
      await lines(
        Infinity,
        usage("e-1", "2026-08-21T11:01:00Z", "1", { subject: licenseArn }),
        usage("e-2", "2026-08-21T11:02:00Z", "1", { subject: "tenant-42", ...tagged }),
      ),
    ).toEqual([
      `2026-08-21 11:01:00Z  ${licenseId}  gb_stored     1                      /example/e-1`,
      `2026-08-21 11:02:00Z  tenant-42                           gb_stored  12.5  at=eu, team=growth  /example/e-2`,
    ]);
  });

  test("is never wider than the terminal, and moves nothing on it", async () => {
    const evil = "tenant\u001b[2J\u202e\n42";
    const [line = ""] = await lines(
      60,
      usage("e-1", "2026-08-21T11:01:00Z", "1", { subject: evil, ...tagged }),
    );
    expect(line).toHaveLength(60);
    expect(line).toMatch(/^11:01:00Z {2}tenant\ufffd\[2J\ufffd 42.*…$/);
  });
});

test("the newest of many are held in their order, and no more than about twice as many", () => {
  const newest = new Newest<number>(3, (a, b) => a - b);
  for (let value = 5_000; value > 0; value -= 1) newest.add((value * 7_919) % 5_003);
  expect(newest.sorted()).toEqual([5_000, 5_001, 5_002]);
  expect(newest.leftOut).toBe(4_997);
});

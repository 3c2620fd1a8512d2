import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  at,
  buyerAccountId,
  example,
  exampleConfiguration,
  hour,
  licenseArn,
  licenseId,
} from "../memory/example.ts";
import { beforeCall, time, used, watched, world } from "../memory/fold-world.ts";
import { usage } from "../memory/meter.ts";
import { customerIdOf } from "../lifecycle/customer.ts";
import { shardOf } from "../usage/shard.ts";
import type { WaitingReason } from "./attribute.ts";
import { FoldContentionError, type FoldPorts, foldUsage } from "./fold-usage.ts";

/** Dies at the n-th call: before it does anything or, `after`, when it was done and nobody heard of it. */
const crashAt = (ports: FoldPorts, n: number, after: boolean): FoldPorts =>
  watched(ports, async (call, go) => {
    if (call < n) return go();
    if (call === n && after) await go();
    throw new Error("crashed");
  });

describe("a fold", () => {
  test("counts each event once, however often and in how many batches it came", async () => {
    const { fold, counted, marks } = await world(
      [usage("e-1", time, "1.5"), usage("e-1", time, "1.5"), usage("e-2", time, "2")],
      [usage("e-1", time, "1.5"), usage("e-3", time, "0.25")],
    );
    expect(await fold()).toBe(3);
    expect(await counted()).toBe(3_750_000n);
    expect(await marks()).toEqual([]);
  });

  test("later on counts only what is new, and a repeat with another time of the hour not again", async () => {
    const { fold, counted, ingest } = await world([usage("e-1", time, "5")]);
    await fold();
    await ingest([usage("e-1", "2026-08-20T14:59:00Z", "5"), usage("e-2", time, "1")]);
    expect(await fold()).toBe(1);
    expect(await counted()).toBe(6_000_000n);
    expect(await fold()).toBe(0);
    expect(await counted()).toBe(6_000_000n);
  });

  test("of copies that differ counts the one that sorts first, whatever order they came in", async () => {
    const copies = [usage("e-1", time, "7"), usage("e-1", time, "5"), usage("e-1", time, "6")];
    const amounts = await Promise.all(
      [copies, copies.toReversed(), [...copies.slice(1), ...copies.slice(0, 1)]].map(async (order) => {
        const { fold, counted } = await world(...order.map((one) => [one]));
        await fold();
        return counted();
      }),
    );
    expect(new Set(amounts).size).toBe(1);
  });

  test("gives the same total however events are spread over batches, folds and repeats", async () => {
    const events = fc.array(fc.record({ id: fc.nat(15), micro: fc.integer({ min: -9, max: 9 }) }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(events, fc.array(fc.nat(), { maxLength: 10 }), async (rows, cuts) => {
        const first = new Map(rows.map(({ id, micro }) => [id, micro]));
        const all = rows.map(({ id }) => usage(`e-${id}`, time, String(first.get(id))));
        const { fold, counted, ingest } = await world();
        let from = 0;
        for (const cut of [
          ...cuts.map((each) => each % (all.length + 1)).toSorted((a, b) => a - b),
          all.length,
        ]) {
          await ingest(all.slice(from, cut));
          if (cut % 2 === 0) await fold();
          from = cut;
        }
        await fold();
        const expected = [...first.values()].reduce((sum, micro) => sum + micro, 0);
        expect(await counted()).toBe(BigInt(expected) * 1_000_000n);
      }),
      { numRuns: 100 },
    );
  });

  test("takes more events than one plan holds, plan by plan", async () => {
    const { fold, counted, ports, ingest } = await world();
    for (const part of [0, 1, 2])
      await ingest(Array.from({ length: 4_000 }, (_, index) => usage(`e-${part}-${index}`, time)));
    const few: FoldPorts = {
      ...ports,
      usageLog: {
        removeMark: (mark) => ports.usageLog.removeMark(mark),
        unfolded: (place, folded) => ports.usageLog.unfolded(place, folded, 1),
      },
    };
    const [mark] = await ports.usageLog.marks(shardOf(licenseId, 4), used);
    if (mark === undefined) throw new Error("no mark");
    expect(await foldUsage(few, exampleConfiguration, mark)).toEqual({
      ...{ eventCount: 12_000, repeatCount: 0, waitingCount: 0, contradictingCount: 0, damaged: [] },
    });
    expect(await counted()).toBe(12_000_000_000n);
    expect((await ports.folds.load(mark)).planIds).toHaveLength(3);
    expect(await fold()).toBe(0);
  });
});

describe("a fold that is interrupted", () => {
  const batch = [
    usage("e-1", time, "1"),
    usage("e-2", time, "2", { subject: licenseArn }),
    usage("e-3", time, "4", { data: { dimension: "events_ingested", quantity: "4" } }),
  ];

  test.each([false, true])(
    "between any two steps (the last one done: %s) gives the same totals when it is run again",
    async (after) => {
      const subjects = [licenseId as string, licenseArn];
      let crashes = 0;
      for (let n = 1; ; n += 1) {
        const { foldWith, fold, counted, ports, marks } = await world(batch);
        const crashed = await subjects
          .reduce<Promise<unknown>>(
            (all, subject) => all.then(() => foldWith(crashAt(ports, n, after), subject)),
            Promise.resolve(),
          )
          .then(
            () => false,
            () => true,
          );
        if (crashed) crashes += 1;
        for (const subject of subjects) await fold(subject);
        expect(await counted()).toBe(3_000_000n);
        expect(await counted(licenseId, "events_ingested")).toBe(4_000_000n);
        for (const subject of subjects) expect(await marks(subject)).toEqual([]);
        if (!crashed) break;
      }
      expect(crashes).toBeGreaterThan(8);
    },
  );

  test("by another folder at any step, who does all of it, gives the same totals", async () => {
    for (let n = 1; ; n += 1) {
      const { foldWith, fold, counted, ports } = await world(batch);
      const interrupted = beforeCall(ports, n, () => fold());
      await foldWith(interrupted.ports).catch((error: unknown) => {
        expect(error).toBeInstanceOf(FoldContentionError);
      });
      await fold();
      await fold(licenseArn);
      expect(await counted()).toBe(3_000_000n);
      expect(await counted(licenseId, "events_ingested")).toBe(4_000_000n);
      if (!interrupted.seen.reached) break;
    }
  });

  test("by usage that arrives at any step never overlooks it", async () => {
    for (let n = 1; ; n += 1) {
      const { foldWith, fold, counted, ports, ingest } = await world(batch);
      const interrupted = beforeCall(ports, n, () => ingest([usage("e-late", time, "8")]));
      await foldWith(interrupted.ports);
      await fold();
      await fold(licenseArn);
      if (!interrupted.seen.reached) break;
      expect(await counted()).toBe(11_000_000n);
    }
  });

  test("by late usage and another folder who counts it at any step gives the same totals", async () => {
    for (let n = 1; ; n += 1) {
      const { foldWith, fold, counted, ports, ingest } = await world(batch);
      const interrupted = beforeCall(ports, n, async () => {
        await ingest([usage("e-late", time, "8")]);
        await fold();
      });
      await foldWith(interrupted.ports).catch((error: unknown) => {
        expect(error).toBeInstanceOf(FoldContentionError);
      });
      await fold();
      await fold(licenseArn);
      if (!interrupted.seen.reached) break;
      expect(await counted()).toBe(11_000_000n);
      expect(await counted(licenseId, "events_ingested")).toBe(4_000_000n);
    }
  });

  test("by a hundred others at once counts everything once", async () => {
    const { fold, counted, marks } = await world(batch);
    await Promise.all(Array.from({ length: 100 }, () => fold().catch(() => undefined)));
    await fold();
    expect(await counted(licenseId, "events_ingested")).toBe(4_000_000n);
    expect(await marks()).toEqual([]);
  });
});

describe("usage is booked", () => {
  const amounts = async (subject: string, when = time, dimension = "gb_stored") => {
    const event = usage("e-1", when, "1", { subject, data: { dimension, quantity: "1" } });
    const { fold, counted, waits, record, ingest } = await world();
    await record(example.registered("f-2", "2026-08-20T12:01:00Z"));
    await record(example.agreementEnded("f-3", "2026-08-20T14:30:00Z"));
    await ingest([event]);
    await fold(subject);
    return {
      subscription: await counted(licenseId, dimension),
      waits: await waits(subject),
    };
  };
  const toSubscription = { subscription: 1_000_000n, waits: [] };
  const toNobody = (why: WaitingReason) => ({ subscription: 0n, waits: [[why, 1_000_000n]] });

  test.each([licenseId, licenseArn, licenseArn.replace("arn:", ""), customerIdOf({ buyerAccountId })])(
    "to the subscription when its subject is %s",
    async (subject) => {
      expect(await amounts(subject)).toEqual(toSubscription);
    },
  );

  test.each<[string, WaitingReason, string, string?, string?]>([
    ["a subject nobody knows", "subject-unknown", "l-ffffffffffffffff"],
    ["a customer nobody knows", "subject-unknown", "cus-000000000000000000000000"],
    ["another customer's own name for itself", "subject-unknown", buyerAccountId],
    ["an entitled dimension", "dimension-not-metered", licenseId, time, "seats"],
    ["a dimension that the product has not", "dimension-not-metered", licenseId, time, "gb-stored"],
    ["usage at the moment of the cut", "outside-grant", licenseId, "2026-08-20T14:30:00Z"],
    ["usage after the cut", "outside-grant", licenseId, "2026-08-20T14:59:59Z"],
  ])(
    "to nobody for %s, and waits visibly: %s",
    async (_, why, subject, when = time, dimension = "gb_stored") => {
      expect(await amounts(subject, when, dimension)).toEqual(toNobody(why));
    },
  );

  test("to nobody before the grant began, and to the subscription from its first moment on", async () => {
    const { fold, counted, waits, ingest, ports } = await world();
    await ingest([usage("e-1", "2026-08-20T11:59:59.999Z"), usage("e-2", "2026-08-20T12:00:00Z")]);
    await fold();
    expect(await counted()).toBe(1_000_000n);
    expect(await waits(licenseId)).toEqual([["outside-grant", 1_000_000n]]);
    const [waiting] = await ports.waiting.under(licenseId, 10);
    expect(waiting?.events.hour).toBe(hour("2026-08-20T11"));
  });

  test("to nobody while a customer could mean one of two subscriptions", async () => {
    const subject = customerIdOf({ buyerAccountId });
    const { fold, counted, waits, record, ingest } = await world();
    for (const [index, arn] of [licenseArn, "l-22222222222222222222"].entries()) {
      await record(example.licenseUpdated(`l-${index}`, "2026-08-20T12:00:00Z", { licenseArn: arn }));
      await record(
        example.registered(`r-${index}`, "2026-08-20T12:01:00Z", {
          licenseArn: arn,
          productCode: analyticsCode,
        }),
      );
    }
    await ingest([usage("e-1", time, "1", { subject })]);
    await fold(subject);
    expect(await waits(subject)).toEqual([["several-subscriptions", 1_000_000n]]);
    expect(await counted()).toBe(0n);
  });
});

describe("copies that contradict", () => {
  const fourth = (quantity: string) => usage("e-1", time, quantity);
  const reasons = async ({ quarantine }: Awaited<ReturnType<typeof world>>) =>
    (await quarantine.list(at("2030-01-01T00:00:00Z"), 10)).map(({ reason }) => reason);

  test("of one batch count once, with the content that sorts first, whatever their order", async () => {
    for (const quantities of [
      ["5", "7"],
      ["7", "5"],
    ]) {
      const one = await world(quantities.map((quantity) => fourth(quantity)));
      await one.fold();
      expect(await one.counted()).toBe(5_000_000n);
      expect(await reasons(one)).toEqual([
        expect.stringContaining("sent more than once with different content"),
      ]);
    }
  });

  test("come later: what was counted first stays, and the other is kept whole in the quarantine", async () => {
    const one = await world([fourth("7")]);
    await one.fold();
    await one.ingest([fourth("7"), usage("e-2", time)]);
    await one.fold();
    expect(await reasons(one)).toEqual([]);
    await one.ingest([fourth("5")]);
    const elsewhere = usage("e-1", "2026-08-20T13:30:00Z", "6");
    await one.ingest([elsewhere]);
    await one.fold();
    expect(await one.counted()).toBe(8_000_000n);
    const [line] = await one.quarantine.list(at("2030-01-01T00:00:00Z"), 10);
    expect((await reasons(one)).length).toBe(2);
    const entry = await one.quarantine.get(line?.id ?? "");
    expect(entry?.body).toMatch(/"quantity":"[56]"/);
  });
});

describe("a segment that cannot be read", () => {
  test("stays in the log, is named, and holds up no other", async () => {
    const one = await world([usage("e-1", time, "2")], [usage("e-2", time, "3")]);
    const [mark] = await one.marks();
    if (mark === undefined) throw new Error("no mark");
    const { segments } = await one.ports.usageLog.unfolded(mark, new Set(), 10);
    const [first] = segments;
    if (first === undefined) throw new Error("no segment");
    const flipped = first.bytes.map((byte, index) => (index === first.bytes.length - 1 ? byte ^ 1 : byte));
    await one.ports.usageLog.putSegments([{ ...first, bytes: flipped }]);
    const folded = await foldUsage(one.ports, exampleConfiguration, mark);
    expect(folded).toMatchObject({ eventCount: 1, damaged: [expect.stringContaining("checksum")] });
    expect(await one.counted()).toBe(3_000_000n);
    expect(await one.marks()).toEqual([]);
    await one.ports.usageLog.putSegments([first]);
    await one.ports.usageLog.putMarks([mark]);
    await one.fold();
    expect(await one.counted()).toBe(5_000_000n);
  });
});

describe("plans", () => {
  test("of two folders that see different subscriptions have different ids", async () => {
    const { foldWith, ports } = await world([usage("e-1", time)]);
    const ids: string[] = [];
    const noting: FoldPorts = {
      ...ports,
      folds: {
        ...ports.folds,
        open: (_state, plan) => {
          ids.push(plan.id);
          return Promise.resolve(undefined);
        },
      },
    };
    const blind: FoldPorts = {
      ...noting,
      subscriptions: { ...ports.subscriptions, holderOf: () => Promise.resolve(undefined) },
    };
    await expect(foldWith(noting)).rejects.toThrow(FoldContentionError);
    const [first, ...others] = new Set(ids);
    expect(others).toEqual([]);
    ids.length = 0;
    await expect(foldWith(blind)).rejects.toThrow(FoldContentionError);
    expect(ids).not.toContain(first);
  });
});

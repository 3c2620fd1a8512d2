import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
  hour,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { memoryMeter, usage } from "../memory/meter.ts";
import { formatHour } from "../time/utc-hour.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { shardOf } from "../usage/shard.ts";
import { noneSubmitted } from "./outcome.ts";
import { type MeterPorts, runMeter } from "./run.ts";

const key = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };

/** A license that is active since noon, and a meter that runs whenever the clock is set. */
async function world() {
  const meter = memoryMeter();
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  const runWith = (ports: MeterPorts, now: string) => {
    meter.setNow(at(now));
    return runMeter(ports, exampleConfiguration);
  };
  const ingest = (now: string, ...events: object[]) => {
    meter.setNow(at(now));
    return meter.ingest(events);
  };
  const billed = () =>
    meter.sent
      .flat()
      .map((record) => [formatHour(record.hour), record.entry.dimension, record.entry.quantity]);
  return {
    ...meter,
    again: meter.ingest,
    ingest,
    runWith,
    run: (now: string) => runWith(meter.ports, now),
    billed,
  };
}

describe("a run of the meter", () => {
  test("bills exactly what was used, once the hour has settled", async () => {
    const { ingest, run, billed } = await world();
    const repeated = usage("e-1", "2026-08-20T14:05:00Z", "2.5");
    await ingest("2026-08-20T14:30:00Z", repeated, usage("e-2", "2026-08-20T14:20:00Z", "0.75"), repeated);
    await ingest("2026-08-20T15:05:00Z", usage("e-3", "2026-08-20T14:59:59.999Z"), repeated);
    expect(await run("2026-08-20T15:09:59Z")).toMatchObject({ requestedFolds: 0, sealedRecords: 0 });
    expect(await run("2026-08-20T15:10:00Z")).toEqual({
      requestedFolds: 1,
      looked: { countedEvents: 0, unbillableEvents: 0, problems: [] },
      skipped: [],
      writtenOff: [],
      isToComeAgain: false,
      isComplete: true,
      ...{ sealedRecords: 1, zeroRecords: 0, rehearsedRecords: 0 },
      submitted: { ...noneSubmitted, accepted: 1, calls: 1 },
      problems: [],
    });
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 4n]]);
    await run("2026-08-20T15:15:00Z");
    expect(billed()).toHaveLength(1);
  });

  test("bills fractions once they are whole, and late usage in an hour that is still open", async () => {
    const { ingest, run, billed, ports } = await world();
    await ingest("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T14:05:00Z", "1.6"));
    await run("2026-08-20T15:20:00Z");
    await ingest("2026-08-20T15:30:00Z", usage("e-2", "2026-08-20T14:05:00Z", "0.4"));
    await run("2026-08-20T15:40:00Z");
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 1n]]);
    await run("2026-08-20T16:20:00Z");
    expect(billed()).toEqual([
      ["2026-08-20T14", "gb_stored", 1n],
      ["2026-08-20T15", "gb_stored", 1n],
    ]);
    expect((await ports.books.load(key)).balance).toEqual(new Map());
  });

  test("after a day of standing still bills every open hour with its own usage, nothing of a later one", async () => {
    const { ingest, run, billed } = await world();
    for (let later = 13; later < 20; later += 1)
      await ingest(
        `2026-08-20T${later}:30:00Z`,
        usage(`e-${later}`, `2026-08-20T${later}:10:00Z`, String(later)),
      );
    await run("2026-08-21T02:00:00Z");
    expect(billed()).toEqual(
      [13, 14, 15, 16, 17, 18, 19].map((of) => [`2026-08-20T${of}`, "gb_stored", BigInt(of)]),
    );
  });

  test("seals nothing of an hour that could not be folded in every shard, but what came before", async () => {
    const { ingest, runWith, run, billed, ports, foldRequestsTo, foldErrors } = await world();
    await ingest("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T13:05:00Z", "1"));
    await ingest("2026-08-20T14:30:00Z", usage("e-2", "2026-08-20T14:05:00Z", "2"));
    const stranger = "cus-000000000000000000000001";
    expect(shardOf(stranger, 4)).not.toBe(shardOf(licenseId, 4));
    await ingest("2026-08-20T14:31:00Z", usage("e-3", "2026-08-20T14:05:00Z", "3", { subject: stranger }));
    const throttled = foldRequestsTo({
      ...ports,
      subscriptions: {
        ...ports.subscriptions,
        subscriptionsOf: () => Promise.reject(new Error("throttled")),
      },
    });
    await runWith({ ...ports, foldRequests: throttled }, "2026-08-20T15:20:00Z");
    expect(foldErrors).toEqual(["throttled"]);
    expect(billed()).toEqual([["2026-08-20T13", "gb_stored", 1n]]);
    await run("2026-08-20T15:25:00Z");
    expect(billed()).toEqual([
      ["2026-08-20T13", "gb_stored", 1n],
      ["2026-08-20T14", "gb_stored", 2n],
    ]);
  });

  test("bills settled hours although usage of an old hour never stops coming in", async () => {
    const { ingest, again, runWith, billed, ports, foldRequestsTo } = await world();
    await ingest("2026-08-20T15:15:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    await ingest(
      "2026-08-20T15:15:00Z",
      usage("late-0", "2026-08-20T12:05:00Z", "1", { subject: "somebody" }),
    );
    let late = 0;
    const restless = foldRequestsTo({
      ...ports,
      usageLog: {
        ...ports.usageLog,
        async removeMark(mark) {
          const event = usage(`late-${(late += 1)}`, "2026-08-20T12:05:00Z", "1", { subject: "somebody" });
          await again([event]);
          return ports.usageLog.removeMark(mark);
        },
      },
    });
    await runWith({ ...ports, foldRequests: restless }, "2026-08-20T15:20:00Z");
    expect((await ports.usageLog.marks(shardOf("somebody", 4), hour("2026-08-20T12"))).length).toBe(1);
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 2n]]);
  });

  test("submits what is pending although one book is damaged and one hour cannot be folded", async () => {
    const { ingest, run, runWith, ports, sent } = await world();
    await ingest("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    const dead = { ...ports, submitter: { submit: () => Promise.reject(new Error("AWS is away")) } };
    const first = await runWith(dead, "2026-08-20T15:20:00Z");
    expect(first.submitted.waiting.join()).toContain("AWS is away");
    await ingest("2026-08-20T15:30:00Z", usage("e-2", "2026-08-20T15:05:00Z", "3"));
    const damaged: MeterPorts = {
      ...ports,
      books: { ...ports.books, load: () => Promise.reject(new Error("damaged")) },
    };
    const report = await runWith(damaged, "2026-08-20T16:20:00Z");
    expect(report.submitted.accepted).toBe(1);
    expect(report.skipped.map(({ reason }) => reason)).toEqual(["damaged"]);
    expect(sent.flat().map((record) => record.hour)).toEqual([hour("2026-08-20T14")]);
    expect((await run("2026-08-20T16:25:00Z")).submitted.accepted).toBe(1);
  });

  test("bills settled hours although old usage comes into another hour before every run", async () => {
    const { ingest, runWith, run, billed, ports } = await world();
    await run("2026-08-20T14:55:00Z");
    await ingest("2026-08-20T15:00:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    const nobodyFolds = { ...ports, foldRequests: { request: () => Promise.resolve() } };
    for (const minute of ["10", "15", "20", "25"]) {
      const old = usage(`old-${minute}`, `2026-08-20T0${minute[1]}:05:00Z`, "1", { subject: "somebody" });
      await ingest(`2026-08-20T15:${minute}:00Z`, old);
      if (minute === "10") await run("2026-08-20T15:10:00Z");
      else await runWith(nobodyFolds, `2026-08-20T15:${minute}:00Z`);
    }
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 2n]]);
  });

  test("says which hour holds up the others when its fold fails for long, and for no shorter", async () => {
    const { ingest, runWith, ports, billed } = await world();
    await ingest("2026-08-20T15:00:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    const broken = { ...ports, foldRequests: { request: () => Promise.resolve() } };
    expect((await runWith(broken, "2026-08-20T16:10:00Z")).problems).toEqual([]);
    const { problems } = await runWith(broken, "2026-08-20T16:11:00Z");
    expect(problems).toEqual([
      expect.stringMatching(/^no hour from 2026-08-20T14 on is sealed: its shard \d is not folded/),
    ]);
    expect(billed()).toEqual([]);
  });

  test("seals nothing of an hour that a fold has covered to a moment before it settled", async () => {
    const { ingest, run, runWith, ports, billed, foldRequestsTo } = await world();
    await ingest("2026-08-20T15:00:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    await foldRequestsTo(ports).request(
      await ports.usageLog.marks(shardOf(licenseId, 4), hour("2026-08-20T14")),
    );
    await ingest("2026-08-20T15:09:00Z", usage("e-2", "2026-08-20T14:06:00Z", "3"));
    const nobodyFolds = { ...ports, foldRequests: { request: () => Promise.resolve() } };
    await runWith(nobodyFolds, "2026-08-20T15:10:00Z");
    expect(billed()).toEqual([]);
    await run("2026-08-20T15:15:00Z");
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 5n]]);
  });

  test("folds and seals nothing by shards that are not the log's, but submits what is due", async () => {
    const { ingest, run, runWith, ports, billed } = await world();
    await ingest("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T14:05:00Z", "2"));
    const dead = { ...ports, submitter: { submit: () => Promise.reject(new Error("AWS is away")) } };
    await runWith(dead, "2026-08-20T15:20:00Z");
    await ingest("2026-08-20T15:30:00Z", usage("e-2", "2026-08-20T15:05:00Z", "3"));
    const contradicting = { ...ports, keepShards: () => Promise.reject(new Error("append lines")) };
    const report = await runWith(contradicting, "2026-08-20T16:20:00Z");
    expect(report).toMatchObject({ requestedFolds: 0, sealedRecords: 0, problems: ["append lines"] });
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 2n]]);
    await run("2026-08-20T16:25:00Z");
    expect(billed()).toHaveLength(2);
  });

  test("asks to be told again of a subscription that ends when it could do nothing for it", async () => {
    const { ports, ingest, setNow, billed, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T14:20:00Z"));
    await ingest("2026-08-20T14:21:00Z", usage("e-1", "2026-08-20T14:10:00Z", "3"));
    const request = { changed: [key.subscriptionId] };
    setNow(at("2026-08-20T14:36:00Z"));
    const broken = { ...ports, usageLog: { marks: () => Promise.reject(new Error("no table")) } };
    expect(await runMeter(broken, exampleConfiguration, request)).toMatchObject({ isToComeAgain: true });
    expect(await runMeter(broken, exampleConfiguration)).toMatchObject({ isToComeAgain: false });
    const deaf = { ...ports, foldRequests: { request: () => Promise.reject(new Error("no queue")) } };
    expect(await runMeter(deaf, exampleConfiguration, request)).toMatchObject({ isToComeAgain: true });
    expect(await runMeter(ports, exampleConfiguration, request)).toMatchObject({ isToComeAgain: false });
    await runMeter(ports, exampleConfiguration, request);
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 3n]]);
  });

  test("has usage of a grant that ended folded although its last call came first", async () => {
    const { ports, ingest, setNow, billed, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T14:20:00Z"));
    await ingest("2026-08-20T14:21:00Z", usage("e-1", "2026-08-20T14:10:00Z", "3"));
    const request = { changed: [key.subscriptionId] };
    setNow(at("2026-08-20T15:01:00Z"));
    await runMeter(ports, exampleConfiguration, request);
    await runMeter(ports, exampleConfiguration, request);
    expect(billed()).toEqual([["2026-08-20T14", "gb_stored", 3n]]);
  });

  test("crashed between any two steps and run again bills the same, once", async () => {
    for (let n = 1; ; n += 1) {
      const { ingest, run, runWith, ports, sent, billed, foldRequestsTo } = await world();
      await ingest("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T13:05:00Z", "1"));
      await ingest("2026-08-20T14:30:00Z", usage("e-2", "2026-08-20T14:05:00Z", "2"));
      let calls = 0;
      const dying = <Part extends object>(part: Part): Part =>
        new Proxy(part, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== "function") return value;
            return (...given: unknown[]): unknown => {
              calls += 1;
              if (calls >= n) return Promise.reject(new Error("crashed"));
              return Reflect.apply(value, target, given);
            };
          },
        });
      const { clock, quarantine, keepShards, ...parts } = ports;
      const doomed = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, dying(part)]));
      const dead = { ...(doomed as typeof parts), clock, quarantine, keepShards };
      const foldRequests = dying(foldRequestsTo(dead));
      await runWith({ ...dead, foldRequests }, "2026-08-20T15:20:00Z").catch(() => undefined);
      const crashed = calls >= n;
      for (const minute of [25, 30]) await run(`2026-08-20T15:${minute}:00Z`);
      const different = new Map(sent.flat().map((record) => [record.hour, record.entry]));
      expect([...different.values()].map(({ quantity }) => quantity)).toEqual([1n, 2n]);
      for (const record of sent.flat()) expect(record.entry).toEqual(different.get(record.hour));
      expect(await ports.records.pending(analyticsCode, at("2026-08-30T00:00:00Z"), 10)).toEqual([]);
      if (!crashed) {
        expect(billed()).toHaveLength(2);
        expect(n).toBeGreaterThan(20);
        break;
      }
    }
  });
});

describe("two grants of one buyer", () => {
  test("are billed apart: what was left of the first is none of the second's", async () => {
    const meter = memoryMeter();
    const subject = `${mailerCode}/${customerIdentifier}`;
    const emails = (id: string, time: string, quantity: string) =>
      usage(id, time, quantity, { subject, data: { dimension: "emails_sent", quantity } });
    await meter.record(example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z"));
    await meter.record(example.unsubscribePending("f-2", "2026-08-20T13:10:00Z"));
    await meter.record(example.unsubscribeSucceeded("f-3", "2026-08-20T14:05:00Z"));
    await meter.record(example.subscribeSucceeded("f-4", "2026-08-20T14:06:00Z"));
    meter.setNow(at("2026-08-20T14:30:00Z"));
    await meter.ingest([
      emails("e-1", "2026-08-20T13:05:00Z", "5.5"),
      emails("e-2", "2026-08-20T13:30:00Z", "9"),
      emails("e-3", "2026-08-20T14:20:00Z", "3.5"),
    ]);
    meter.setNow(at("2026-08-20T15:15:00Z"));
    await runMeter(meter.ports, exampleConfiguration);
    expect(meter.sent.flat().map(({ hour, entry }) => [formatHour(hour), entry.quantity])).toEqual([
      ["2026-08-20T13", 5n],
      ["2026-08-20T14", 3n],
    ]);
    expect(await meter.ports.waiting.under(subject, 10)).toMatchObject([
      { reason: "outside-grant", units: 9_000_000n },
    ]);
  });
});

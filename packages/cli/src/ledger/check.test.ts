import { at, example } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import type { LedgerReader } from "@tollhouse/core/ledger/ledger-item";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { asJson } from "../output/json.ts";
import { checkBooks } from "./check.ts";
import { tellingOn } from "./telling.ts";

/** 4.5 units of a license, half of one repeated, 3 of somebody unknown; folded and billed at a quarter past three. */
async function world() {
  const meter = exampleMeter();
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4"),
    usage("e-2", "2026-08-20T14:06:00Z", "0.5"),
    usage("e-2", "2026-08-20T14:06:00Z", "0.5"),
    usage("e-3", "2026-08-20T14:06:00Z", "3", { subject: "tenant-42" }),
  ]);
  await runMeter(meter.ports, meter.source.configuration);
  const looks: string[] = [];
  const telling = {
    onProgress: () => undefined,
    beforeLook(look: number, of: number) {
      looks.push(`${look}/${of}`);
      return Promise.resolve();
    },
  };
  const check = (ledger: LedgerReader = meter.source.ledger) =>
    checkBooks({ ...meter.source, ledger }, telling);
  const book = meter.metering.contents.books;
  /** As if somebody had counted more than there was. */
  const harm = (micro: bigint) =>
    [...book].forEach(([name, held]) => book.set(name, { ...held, counted: microUnits(micro) }));
  return { ...meter, check, looks, harm };
}

describe("ledger check", () => {
  test("shows every term of the equation, in exact decimals", async () => {
    const { check, looks } = await world();
    const answer = await check();
    expect(JSON.parse(asJson(answer.data))).toEqual({
      ...{ balanced: true, accepted: "7.5", unfolded: "0", inFlight: "0", waiting: "3" },
      ...{ covered: "0", balance: "0.5" },
      unbillable: {
        ...{ all: "0", "subject-unknown": "0", "dimension-not-metered": "0", "outside-grant": "0" },
        ...{ "several-subscriptions": "0", "before-start": "0", late: "0", "no-hour-left": "0" },
        ...{ fraction: "0", "owed-to-buyer": "0" },
      },
      records: {
        ...{ all: "4", pending: "0", accepted: "4", conflict: "0" },
        ...{ "not-subscribed": "0", rejected: "0", expired: "0" },
      },
      ...{ repeated: "0.5", differences: [], looks: 1, sameEachLook: true },
      looked: { segments: 1, events: 4, books: 1, records: 1 },
    });
    expect(answer.isWrong).toBe(false);
    expect(looks).toEqual([]);
  });

  test("shows people what adds up to what was accepted, and the repeats beside it", async () => {
    const { check } = await world();
    expect(
      shownAt(80, await check())
        .split("\n")
        .map((line) => line.slice(0, 30).trimEnd()),
    ).toEqual([
      "The books balance.",
      "",
      "                    UNITS",
      "accepted              7.5  in",
      "= unfolded              0  in",
      "+ in flight             0  dec",
      "+ waiting               3  fit",
      "+ unbillable            0  nob",
      "+ covered               0  inc",
      "+ balance             0.5  cou",
      "+ records               4  in",
      "    accepted            4  bil",
      "    pending             0  at",
      "    conflict            0  AWS",
      "    not-subscribed      0  AWS",
      "    rejected            0  AWS",
      "    expired             0  AWS",
      "repeats               0.5  cop",
      "",
      "Looked at 1 segment with 4 eve",
    ]);
  });

  test("shows what was given up by its reason", async () => {
    const { check, setNow, ports, source } = await world();
    setNow(at("2026-09-25T16:00:00Z"));
    await runMeter(ports, source.configuration);
    const answer = await check();
    expect(answer.data).toMatchObject({ waiting: "0", unbillable: { all: "3", "subject-unknown": "3" } });
    expect(shownAt(80, answer)).toMatch(/^\+ unbillable +3 .*\n {4}subject-unknown +3 /m);
  });

  test("looks again at a difference before it is told: what was only being written is gone then", async () => {
    const { check, looks, harm, source } = await world();
    const ledger: LedgerReader = {
      ...source.ledger,
      async *items() {
        harm(looks.length === 1 ? 4_500_000n : 9_000_000n);
        yield* source.ledger.items();
      },
    };
    const answer = await check(ledger);
    expect(looks).toEqual(["2/3"]);
    expect(answer.isWrong).toBe(false);
    expect(answer.data).toMatchObject({ balanced: true, looks: 2, differences: [] });
  });

  test("tells of one that stays, in sentences, after three looks", async () => {
    const { check, looks, harm } = await world();
    harm(9_000_000n);
    const answer = await check();
    expect(looks).toEqual(["2/3", "3/3"]);
    expect(answer.isWrong).toBe(true);
    expect(answer.data).toMatchObject({ balanced: false, looks: 3, sameEachLook: true });
    const text = shownAt(80, answer);
    expect(text).toMatch(/^The books do not balance\.\n/);
    expect(text).toContain("gb_stored: 9 counted, 0.5 in the");
    expect(text).toContain("each time the same was found");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("says that something goes on when each look finds something else", async () => {
    const { check, looks, harm, source } = await world();
    const ledger: LedgerReader = {
      ...source.ledger,
      async *items() {
        harm(BigInt(9 + looks.length) * 1_000_000n);
        yield* source.ledger.items();
      },
    };
    const answer = await check(ledger);
    expect(answer.data.sameEachLook).toBe(false);
    expect(shownAt(200, answer)).toContain("each time something else was found");
  });
});

describe("how far a check has come", () => {
  const progress = { segments: 12, events: 300, books: 3, records: 40 };
  const told = (isTTY: boolean, isQuiet: boolean) => {
    const written: string[] = [];
    const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
    const telling = tellingOn(stream, isQuiet);
    telling.onProgress(progress);
    telling.onProgress(progress);
    telling.end();
    return written.join("");
  };
  test("is told on a terminal, and wiped away in the end", () => {
    expect(told(true, false)).toBe("\r\u001b[K12 segments, 3 books, 40 usage records so far\r\u001b[K");
  });
  test("is told to no pipe and to no program", () => {
    expect(told(false, false)).toBe("");
    expect(told(true, true)).toBe("");
  });
});

import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { archiveCode, at, example, hour, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import type { RecordAnswer } from "@tollhouse/core/metering/submission";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { asJson } from "../output/json.ts";
import { explainLedger } from "./explain.ts";
import { recordNamed } from "./record-named.ts";

const name = `${licenseId}/gb_stored/2026-08-20T14`;
const plain = { awsHas: undefined, limit: 50 };

/** Six units of an hour, a repeat among their events; AWS answers as it is told to. */
async function world(answer: RecordAnswer = { status: "success", meteringRecordId: "m-1" }) {
  const meter = exampleMeter();
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.record(example.registered("f-2", "2026-08-20T12:01:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4.5"),
    usage("e-1", "2026-08-20T14:05:00Z", "4.5"),
    usage("e-2", "2026-08-20T14:06:00Z", "2", {
      data: { dimension: "gb_stored", quantity: "2", tags: { team: "growth" } },
    }),
  ]);
  const submitter = {
    submit: (records: readonly unknown[]) =>
      Promise.resolve({ kind: "answered", answers: records.map(() => answer) } as const),
  };
  await runMeter({ ...meter.ports, submitter }, meter.source.configuration);
  const explain = (asked: Parameters<typeof explainLedger>[2] = plain, of = name) =>
    explainLedger(meter.source, recordNamed([of]), asked);
  return { ...meter, explain };
}

describe("ledger explain", () => {
  test("goes from the record down to its events, and says that it adds up", async () => {
    const { explain } = await world();
    const answer = await explain();
    expect(answer.isWrong).toBe(false);
    const { record, hours, differences, fate } = answer.data;
    expect(record).toMatchObject({
      ...{ name, attempts: 1, outcome: { state: "accepted", meteringRecordId: "m-1" } },
      entry: {
        ...{ quantity: "6", timestampAt: at("2026-08-20T14:00:00Z"), region: "us-east-1" },
        identity: { by: "license", licenseArn },
        allocations: [
          { tags: { team: "growth" }, units: "2" },
          { tags: {}, units: "4" },
        ],
      },
    });
    expect(hours).toMatchObject([
      { hour: "2026-08-20T14", units: "6", held: "0.5", folds: [{ units: "6.5", unexplained: "0" }] },
    ]);
    const events = hours[0]?.folds[0]?.events.map(({ id, fate: became, quantity }) => [id, became, quantity]);
    expect(events?.toSorted()).toEqual([
      ["e-1", "counted", "4.5"],
      ["e-1", "repeat", "4.5"],
      ["e-2", "counted", "2"],
    ]);
    expect(differences).toEqual([]);
    expect(fate).toMatchObject({ billed: { least: "6", most: "6" }, remedies: [], steps: [] });
    expect(JSON.parse(asJson(answer.data))).toMatchObject({
      record: { deadlineAt: "2026-08-21T14:00:00.000Z", entry: { timestampAt: "2026-08-20T14:00:00.000Z" } },
    });
  });

  test.each([80, 140])("fits %i columns but for what is to be copied, and can be read", async (width) => {
    const { explain } = await world();
    const text = shownAt(width, await explain());
    const prose = text.split("\n").filter((line) => !/^(aws |\{|license )/.test(line));
    for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(text).toContain(`${name}  accepted`);
    expect(text).toContain("AWS's receipt  m-1");
    expect(text).toContain("6 = 6 of 2026-08-20T14");
    expect(text).toMatch(
      /→ 6 in this record\n {2}\+ 6.5 counted by the fold [0-9a-f]{32}\n {2}− 0.5 still in the balance/,
    );
    expect(text).toMatch(/\/example e-1 .*4\.5 +repeat/);
    expect(text).toContain("It adds up.");
    expect(text).toContain("AWS took it at 2026-08-20 15:15:00Z and bills 6 units.");
  });

  test("explains a duplicate with the amount, and how to find out what AWS has", async () => {
    const { explain } = await world({ status: "duplicate", meteringRecordId: "m-9" });
    const answer = await explain();
    expect(answer.data.fate).toMatchObject({ billed: { least: "0" }, remedies: ["find-out"] });
    expect(answer.data.fate.billed).not.toHaveProperty("most");
    const text = shownAt(120, answer);
    expect(text).toContain("DuplicateRecord");
    expect(text.replaceAll("\n", " ")).toContain("Up to 6 units of ours are not billed");
    expect(text).toContain("--lookup-attributes AttributeKey=EventName,AttributeValue=BatchMeterUsage");
    expect(text).toContain("--start-time 2026-08-20T14:00:00.000Z --end-time 2026-08-20T15:15:00.000Z");
    expect(text).toContain(`.licenseArn == "${licenseArn}"`);
  });

  test("computes from what AWS has who is billed too much or too little, and gives what fits", async () => {
    const { explain, setNow } = await world({ status: "duplicate", meteringRecordId: "m-9" });
    const more = await explain({ ...plain, awsHas: 10n });
    expect(more).toMatchObject({
      isWrong: true,
      data: { fate: { tooMuch: "4", remedies: ["correct-by-usage", "refund"] } },
    });
    const [usageStep, refund] = more.data.fate.steps;
    expect(JSON.parse(usageStep?.event ?? "")).toMatchObject({
      data: { dimension: "gb_stored", quantity: "-4" },
    });
    const command = refund?.commands[1]?.command ?? "";
    const entries = /--billing-adjustment-request-entries '(.*)'$/.exec(command)?.[1] ?? "";
    expect(JSON.parse(entries)).toMatchObject([
      {
        ...{ agreementId: "agmt-1", adjustmentReasonCode: "INCORRECT_METERING" },
        clientToken: expect.stringMatching(/^[a-zA-Z0-9-]{1,64}$/) as string,
        description: expect.stringContaining("buyer 123456789012: 4 units too many") as string,
      },
    ]);
    const less = await explain({ ...plain, awsHas: 1n });
    expect(less.data.fate).toMatchObject({ tooMuch: "-5", remedies: ["bill-by-usage"] });
    expect(JSON.parse(less.data.fate.steps[0]?.event ?? "")).toMatchObject({ data: { quantity: "5" } });
    expect(shownAt(200, less)).toContain("5 units are not billed");
    expect(await explain({ ...plain, awsHas: 6n })).toMatchObject({
      isWrong: false,
      data: { fate: { tooMuch: "0", steps: [] } },
    });
    setNow(at("2026-08-21T14:00:00Z"));
    expect((await explain({ ...plain, awsHas: 1n })).data.fate.remedies).toEqual(["ask-aws"]);
  });

  test("says what does not add up, and ends with 1", async () => {
    const { explain, metering } = await world();
    metering.contents.postings.clear();
    const answer = await explain();
    expect(answer.isWrong).toBe(true);
    expect(answer.data.differences).toEqual([
      expect.stringContaining("how 6.5 units of 2026-08-20T14 came in"),
    ]);
    expect(shownAt(120, answer)).toContain("It does not add up.");
  });

  test("says that usage is not kept any more after 45 days", async () => {
    const { explain, setNow } = await world();
    setNow(at("2026-10-05T00:00:00Z"));
    const answer = await explain();
    expect(answer).toMatchObject({
      isWrong: false,
      data: { hours: [{ isExpired: true, folds: [] }], differences: [] },
    });
    expect(shownAt(120, answer)).toContain("Usage is kept for 45 days");
    expect(shownAt(120, answer)).not.toContain("It adds up");
  });

  test("finds the books of a license in those of the subscription that it belongs to", async () => {
    const { source, record, setNow, ingest, ports } = exampleMeter();
    setNow(at("2026-08-20T15:15:00Z"));
    const listing = { productCode: archiveCode, customerIdentifier: "X01EXAMPLEX" };
    await record(example.subscribeSucceeded("a-1", "2026-08-20T09:00:00Z", listing));
    await record(example.registered("a-2", "2026-08-20T09:01:00Z", { ...listing, licenseArn }));
    const subject = `${archiveCode}/X01EXAMPLEX`;
    const data = { dimension: "gb_archived", quantity: "3" };
    await ingest([usage("a-3", "2026-08-20T14:05:00Z", "3", { subject, data })]);
    await runMeter(ports, source.configuration);
    const answer = await explainLedger(
      source,
      recordNamed([licenseId, "gb_archived", "2026-08-20T14"]),
      plain,
    );
    expect(answer.data.record.name).toBe(`${subject}/gb_archived/2026-08-20T14`);
    expect(recordNamed([answer.data.record.name]).key.subscriptionId).toBe(subject);
  });

  test("gives commands in which a shell obeys nothing that strangers wrote", async () => {
    const { explain, metering } = await world({ status: "duplicate", meteringRecordId: "m-9" });
    for (const [of, one] of metering.contents.records) {
      const identity = {
        by: "product-code",
        productCode: "p",
        customerIdentifier: "it's $(reboot)",
      } as const;
      metering.contents.records.set(of, { ...one, entry: { ...one.entry, identity } });
    }
    const { data } = await explain({ ...plain, awsHas: 10n });
    const commands = [...data.fate.steps, ...(await explain()).data.fate.steps].flatMap(
      (step) => step.commands,
    );
    expect(commands).toHaveLength(3);
    for (const { command } of commands.slice(1)) expect(command).toContain(String.raw`it'\''s $(reboot)`);
  });

  test("finds nothing of an hour without a record", async () => {
    const { explain } = await world();
    await expect(explain(plain, `${licenseId}/gb_stored/2026-08-20T13`)).rejects.toMatchObject({
      ...{ code: "not-found", message: expect.stringContaining("tollhouse ledger show") as string },
    });
  });
});

describe("a record's name", () => {
  const place = {
    key: { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" },
    hour: hour("2026-08-20T14"),
  };
  test.each<[readonly string[]]>([
    [[name]],
    [[name.replaceAll("/", " ")]],
    [[licenseId, "gb_stored", "2026-08-20T14"]],
    [[licenseArn, "gb_stored", "2026-08-20T14:23:11Z"]],
    [[`${licenseArn}/gb_stored/2026-08-20T14`]],
  ])("is read from %j", (texts) => {
    expect(recordNamed(texts)).toEqual(place);
  });

  test.each<[readonly string[]]>([
    [["m-1"]],
    [[licenseId, "gb_stored"]],
    [[licenseId, "gb_stored", "noon"]],
    [["a", "b", "2026-08-20T14", "d"]],
  ])("is not %j: the sentence says how to write one", (texts) => {
    expect(() => recordNamed(texts)).toThrow(expect.objectContaining({ code: "wrong-usage" }));
  });
});

import {
  at,
  buyerAccountId,
  customerIdentifier,
  exampleConfiguration,
  hour,
  licenseArn,
  mailerCode,
} from "@tollhouse/core/memory/example";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { UsageRecord, UsageRecordEntry } from "@tollhouse/core/metering/usage-record";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { awsError, type ScriptedAnswer, scriptedService, sessionAnswer } from "../scripted-service.ts";
import { marketplaceUsageSubmitter } from "./usage-submitter.ts";

const byLicense = { by: "license", licenseArn, buyerAccountId } as const;
const byCode = { by: "product-code", productCode: mailerCode, customerIdentifier } as const;

function record(dimension: string, change: Partial<UsageRecordEntry> = {}): UsageRecord {
  const entry: UsageRecordEntry = {
    ...{ region: "us-east-1", identity: byLicense, dimension, quantity: 7n, allocations: [] },
    timestamp: at("2026-08-20T14:00:00Z"),
    ...change,
  };
  return {
    ...{ subscriptionId: "s-1" as SubscriptionId, dimension, hour: hour("2026-08-20T14"), taken: [] },
    ...{ productCode: mailerCode, entry, deadlineAt: at("2026-08-21T14:00:00Z"), attempts: 0 },
    outcome: { state: "pending" },
  };
}

const seconds = at("2026-08-20T14:00:00Z") / 1_000;
const echo = (Dimension: string, more: object = { LicenseArn: licenseArn }) => ({
  ...{ Dimension, Timestamp: seconds, Quantity: 7 },
  ...more,
});
const accepted: ScriptedAnswer = { body: { Results: [], UnprocessedRecords: [] } };

/** Input and output go on as ever; what waits, waits until the test lets time pass. */
const standingClock = {
  toFake: ["setTimeout", "clearTimeout", "Date"],
  now: at("2026-08-20T18:05:00Z"),
} satisfies Parameters<typeof vi.useFakeTimers>[0];

const services: { close: () => Promise<void> }[] = [];
beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-no-worth");
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const service of services.splice(0)) await service.close();
});

async function marketplace(...script: [ScriptedAnswer, ...ScriptedAnswer[]]) {
  const [api, sts] = await Promise.all([scriptedService(...script), scriptedService(sessionAnswer)]);
  services.push(api, sts);
  vi.stubEnv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", api.url);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
  const errors: unknown[] = [];
  const logger = { error: (...said: unknown[]) => void errors.push(said) };
  const submitter = () => marketplaceUsageSubmitter({ ...exampleConfiguration }, logger);
  return { api, errors, submitter };
}

describe("a call of BatchMeterUsage", () => {
  test("names the license and the buyer's account, or product code and customer, never both", async () => {
    const { api, submitter } = await marketplace(accepted);
    const submitting = submitter();
    await submitting.submit([record("emails")]);
    await submitting.submit([record("emails", { identity: byCode })]);
    const told = { Timestamp: seconds, Dimension: "emails", Quantity: 7 };
    expect(api.calls.map(({ body }) => body)).toEqual([
      { UsageRecords: [{ ...told, LicenseArn: licenseArn, CustomerAWSAccountId: buyerAccountId }] },
      { ProductCode: mailerCode, UsageRecords: [{ ...told, CustomerIdentifier: customerIdentifier }] },
    ]);
    expect(api.calls[0]?.signedBy).toMatch(/^SESSION\/\d{8}\/us-east-1\/aws-marketplace$/);
  });

  test("is answered record by record, in whatever order AWS tells", async () => {
    const result = (dimension: string, Status: string) => ({
      ...{ UsageRecord: echo(dimension), Status, MeteringRecordId: `m-${dimension}` },
    });
    const { errors, submitter } = await marketplace({
      body: {
        Results: [
          result("c", "CustomerNotSubscribed"),
          result("b", "DuplicateRecord"),
          result("a", "Success"),
        ],
        UnprocessedRecords: [echo("d")],
      },
    });
    expect(await submitter().submit(["a", "b", "c", "d"].map((dimension) => record(dimension)))).toEqual({
      kind: "answered",
      answers: [
        { status: "success", meteringRecordId: "m-a" },
        { status: "duplicate", meteringRecordId: "m-b" },
        { status: "waiting", reason: "CustomerNotSubscribed", effect: "none", refusedAs: "not-subscribed" },
        { status: "unprocessed" },
      ],
    });
    expect(errors).toEqual([]);
  });

  test("is matched by the identifier it carried, whatever AWS names beside it", async () => {
    const both = { CustomerIdentifier: customerIdentifier, LicenseArn: licenseArn };
    const { submitter } = await marketplace({
      body: { Results: [{ UsageRecord: echo("emails", both), Status: "Success" }], UnprocessedRecords: [] },
    });
    const answers = [{ status: "success", meteringRecordId: undefined }];
    const submitting = submitter();
    expect(await submitting.submit([record("emails")])).toMatchObject({ answers });
    expect(await submitting.submit([record("emails", { identity: byCode })])).toMatchObject({ answers });
  });

  test.each<[string, object[]]>([
    ["a status that no reference names", [{ UsageRecord: echo("emails"), Status: "Accepted" }]],
    ["no status", [{ UsageRecord: echo("emails"), MeteringRecordId: "m-1" }]],
    ["nothing about the record", []],
    ["another hour", [{ UsageRecord: { ...echo("emails"), Timestamp: seconds + 3_600 }, Status: "Success" }]],
  ])("with %s is taken for no success, and people are told", async (_, Results) => {
    const { errors, submitter } = await marketplace({ body: { Results, UnprocessedRecords: [] } });
    expect(await submitter().submit([record("emails")])).toMatchObject({
      answers: [{ status: "waiting", effect: "unknown" }],
    });
    expect(errors).toHaveLength(1);
  });

  test("that was throttled holds back the calls that follow it", async () => {
    vi.useFakeTimers(standingClock);
    const { api, submitter } = await marketplace(awsError("ThrottlingException"), accepted);
    const [throttled, fresh] = [submitter(), submitter()];
    expect(await throttled.submit([record("first")])).toEqual({ kind: "throttled" });
    await vi.advanceTimersByTimeAsync(100);
    const held = throttled.submit([record("held back")]);
    await fresh.submit([record("from somebody else")]);
    expect(dimensions(api.calls)).toEqual(["first", "from somebody else"]);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(await held).toMatchObject({ kind: "answered" });
    expect(dimensions(api.calls)).toEqual(["first", "from somebody else", "held back"]);
  });

  test("waits for its turn behind those to every Region", async () => {
    vi.useFakeTimers(standingClock);
    const { api, submitter } = await marketplace(accepted);
    const busy = submitter();
    await busy.submit([record("first")]);
    const held = busy.submit([record("held back", { region: "eu-west-1" })]);
    await submitter().submit([record("from somebody else")]);
    await vi.advanceTimersByTimeAsync(102);
    await submitter().submit([record("from somebody else")]);
    expect(dimensions(api.calls)).toEqual(["first", "from somebody else", "from somebody else"]);
    await vi.advanceTimersByTimeAsync(1);
    await held;
    expect(api.calls.at(-1)?.signedBy).toContain("/eu-west-1/");
  });
});

const dimensions = (calls: readonly { readonly body: Readonly<Record<string, unknown>> }[]) =>
  calls.map(({ body }) => (body["UsageRecords"] as [{ Dimension: string }])[0].Dimension);

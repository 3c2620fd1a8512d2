import type { Agreement } from "../agreement/agreement.ts";
import { agreementAt, isInActivationPeriod, isMeterable } from "../agreement/tenure.ts";
import { type Catalogue, hasDimension } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { leaveUnprocessed, orderResults } from "../fault/judge-usage.ts";
import { uuidOf } from "../identity.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { type Change, isSuspended, type State } from "../state.ts";
import { hourStart, hourText } from "../time.ts";
import { canonicalAllocations, problemOfAllocations } from "./allocation.ts";
import { type Batch, type Located, locate } from "./locate.ts";
import type {
  BatchMeterUsageAnswer,
  BatchMeterUsageRequest,
  MeteringRecord,
  UsageRecordResult,
} from "./record.ts";
import { meteringRegions } from "./region.ts";
import { problemOfShape } from "./shape.ts";
import { isInWindow } from "./window.ts";

export interface CallContext {
  readonly nowMs: number;
  /** The Region the call was signed for: AWS recognises repeats only within one. */
  readonly region: string;
  readonly requestBytes: number;
}

/**
 * Takes usage for billing (API reference: BatchMeterUsage). One bad record refuses the whole call; a record for a buyer
 * without a subscription, or for an hour that was reported before, gets its own status instead. The first quantity for
 * a buyer, dimension and hour is billed; later ones are not, and nothing is added up.
 */
export function batchMeterUsage(
  catalogue: Catalogue,
  state: State,
  request: BatchMeterUsageRequest,
  context: CallContext,
): Decision<BatchMeterUsageAnswer> {
  if (!meteringRegions.has(context.region))
    return refused(refusal("DisabledApiException", "The API is disabled in the Region."));
  const misshapen = problemOfShape(request, context.requestBytes);
  if (misshapen !== undefined) return refused(misshapen);
  if (request.UsageRecords.length === 0) return decided({ Results: [], UnprocessedRecords: [] });
  const batch = locate(catalogue, state, request);
  if ("refusal" in batch) return batch;
  const problem = problemOfBatch(catalogue, batch, context);
  if (problem !== undefined) return refused(problem);
  return settle(catalogue, state, batch, context);
}

/** The first reason to refuse the whole call. */
function problemOfBatch(catalogue: Catalogue, batch: Batch, { nowMs }: CallContext): Refusal | undefined {
  const { product, by, located } = batch;
  if (!located.every(({ record }) => hasDimension(product, record.Dimension, "ExternallyMetered")))
    return refusal("InvalidUsageDimensionException", "The usage dimension is not one of the product's.");
  if (!located.every(({ timestampMs }) => isInWindow(timestampMs, nowMs)))
    return refusal("TimestampOutOfBoundsException", "The timestamp is out of the allowed range.");
  const allocation = located.map(({ record }) => problemOfAllocations(record)).find((p) => p !== undefined);
  if (allocation !== undefined) return allocation;
  const outside = ({ tenures, timestampMs }: Located): boolean =>
    tenures.some(
      (tenure) =>
        isMeterable(catalogue, product, tenure, nowMs) &&
        !isInActivationPeriod(catalogue, product, tenure, timestampMs),
    );
  if (by === "license" && located.some(outside))
    return refusal("InvalidLicenseException", "Ensure the usage is within the license activation period.");
  return undefined;
}

function settle(
  catalogue: Catalogue,
  state: State,
  batch: Batch,
  context: CallContext,
): Decision<BatchMeterUsageAnswer> {
  const accepted = new Map<string, MeteringRecord>();
  const { faults: judged, taken, left } = leaveUnprocessed(state.faults, batch.located);
  const inOrder = taken.map((located): UsageRecordResult => {
    const agreement = subscribedFor(catalogue, state, batch, located, context.nowMs);
    if (agreement === undefined) return { UsageRecord: located.record, Status: "CustomerNotSubscribed" };
    const record = meteringRecord(state.seed, batch, located, agreement, context);
    const before = accepted.get(record.key) ?? state.records[record.key];
    if (before === undefined) accepted.set(record.key, record);
    return {
      UsageRecord: located.record,
      MeteringRecordId: (before ?? record).meteringRecordId,
      Status: before === undefined ? "Success" : resent(catalogue, before, record),
    };
  });
  const { faults, results } = orderResults(judged, inOrder);
  const answer = { Results: results, UnprocessedRecords: left.map(({ record }) => record) };
  return decided(answer, [
    ...[...accepted.values()].map((record): Change => ({ kind: "record-accepted", record })),
    ...(state.faults.rules.length === 0 ? [] : [{ kind: "faults-set", faults } as const]),
  ]);
}

/**
 * The agreement under which the record's usage happened and may still be reported. Nothing may be while the buyer's
 * account is suspended (API reference: UsageRecordResult, `CustomerNotSubscribed`).
 */
function subscribedFor(
  catalogue: Catalogue,
  state: State,
  { product }: Batch,
  { tenures, timestampMs }: Located,
  nowMs: number,
): Agreement | undefined {
  const held = tenures.find(
    (tenure) =>
      !isSuspended(state, tenure.first.buyerAccountId) &&
      isMeterable(catalogue, product, tenure, nowMs) &&
      isInActivationPeriod(catalogue, product, tenure, timestampMs),
  );
  return held && agreementAt(held, timestampMs);
}

function meteringRecord(
  seed: string,
  { product, by }: Batch,
  { record, timestampMs }: Located,
  agreement: Agreement,
  { region, nowMs }: CallContext,
): MeteringRecord {
  // Usage reported once by product code and once by license is billed twice, at AWS as here.
  const subject = by === "license" ? agreement.licenseArn : product.code;
  const key = [region, subject, agreement.buyerAccountId, record.Dimension, hourText(timestampMs)].join("|");
  return {
    key,
    meteringRecordId: uuidOf(seed, "metering-record", key),
    region,
    by,
    productCode: product.code,
    buyerAccountId: agreement.buyerAccountId,
    licenseArn: agreement.licenseArn,
    dimension: record.Dimension,
    hourAtMs: hourStart(timestampMs),
    timestampMs,
    quantity: record.Quantity ?? 0,
    allocations: canonicalAllocations(record),
    acceptedAtMs: nowMs,
  };
}

const resent = (
  catalogue: Catalogue,
  before: MeteringRecord,
  again: MeteringRecord,
): "Success" | "DuplicateRecord" =>
  before.quantity === again.quantity &&
  before.timestampMs === again.timestampMs &&
  JSON.stringify(before.allocations) === JSON.stringify(again.allocations)
    ? catalogue.conflicts.identicalResend
    : "DuplicateRecord";

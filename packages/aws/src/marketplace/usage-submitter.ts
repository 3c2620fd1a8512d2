import {
  BatchMeterUsageCommand,
  type BatchMeterUsageCommandOutput,
  type BatchMeterUsageRequest,
  MarketplaceMeteringClient,
  type UsageRecord as AwsUsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { CallAnswer, RecordAnswer, UsageSubmitter } from "@tollhouse/core/metering/submit";
import type { UsageRecord, UsageRecordEntry } from "@tollhouse/core/metering/usage-record";
import * as z from "zod";
import { clientSettings } from "../client-settings.ts";
import { faultOf, type MarketplaceCall } from "./error.ts";
import { sellerRole } from "./role.ts";

/**
 * BatchMeterUsage through the seller's metering role. Each Region has a client of its own, since AWS recognises repeats only
 * within the Region of the first call. The SDK's own retries are off: a resend is our decision, noted as an attempt.
 */
export function marketplaceUsageSubmitter(configuration: Configuration): UsageSubmitter {
  const role = sellerRole(configuration, "metering", "meter");
  const clients = new Map<string, MarketplaceMeteringClient>();
  const clientFor = (region: string): MarketplaceMeteringClient => {
    const client =
      clients.get(region) ??
      new MarketplaceMeteringClient({
        ...clientSettings,
        maxAttempts: 1,
        region,
        credentials: role.credentials,
      });
    clients.set(region, client);
    return client;
  };
  return {
    async submit(records) {
      const [first] = records;
      if (first === undefined) return { kind: "answered", answers: [] };
      try {
        const answer = await clientFor(first.entry.region).send(
          new BatchMeterUsageCommand(toRequest(records, first)),
        );
        return { kind: "answered", answers: matchAnswers(records, answer) };
      } catch (error) {
        return refusalOf(error, { operation: "BatchMeterUsage", role });
      }
    },
  };
}

/** The same class that says "expired" of a registration token says it here of our session, and then nothing was taken. */
function refusalOf(error: unknown, call: MarketplaceCall): CallAnswer {
  const fault = faultOf(error, call);
  if (fault.kind === "request") return { kind: "refused", reason: fault.reason };
  if (fault.kind === "token")
    return { kind: "unavailable", reason: `session ${fault.refusal}`, effect: "none" };
  return fault;
}

/** A license or a product code: all records of a call have the first one's Region, identity mode and product. */
function toRequest(records: readonly UsageRecord[], { entry }: UsageRecord): BatchMeterUsageRequest {
  const UsageRecords = records.map((record) => toAwsRecord(record.entry));
  return entry.identity.by === "product-code"
    ? { ProductCode: entry.identity.productCode, UsageRecords }
    : { UsageRecords };
}

function toAwsRecord({
  identity,
  timestamp,
  dimension,
  quantity,
  allocations,
}: UsageRecordEntry): AwsUsageRecord {
  const buyer =
    identity.by === "license"
      ? { LicenseArn: identity.licenseArn, CustomerAWSAccountId: identity.buyerAccountId }
      : { CustomerIdentifier: identity.customerIdentifier };
  const tagged = allocations.map(({ tagSet, units }) => ({
    AllocatedUsageQuantity: Number(units),
    Tags: tagsOf(tagSet),
  }));
  const isTagged = tagged.some(({ Tags }) => Tags.length > 0);
  return {
    Timestamp: new Date(timestamp),
    Dimension: dimension,
    Quantity: Number(quantity),
    ...buyer,
    ...(isTagged
      ? {
          UsageAllocations: tagged.map(({ Tags, ...rest }) => (Tags.length === 0 ? rest : { ...rest, Tags })),
        }
      : {}),
  };
}

const tagPairs = z.array(z.tuple([z.string(), z.string()]));
const tagsOf = (tagSet: string) => tagPairs.parse(JSON.parse(tagSet)).map(([Key, Value]) => ({ Key, Value }));

/** AWS promises no order in its answer, so results are found by who, what and when. */
function matchAnswers(
  records: readonly UsageRecord[],
  { Results = [], UnprocessedRecords = [] }: BatchMeterUsageCommandOutput,
): RecordAnswer[] {
  const results = new Map(
    Results.flatMap((result) =>
      result.UsageRecord === undefined ? [] : [[nameOf(result.UsageRecord), result] as const],
    ),
  );
  const unprocessed = new Set(UnprocessedRecords.map(nameOf));
  return records.map((record): RecordAnswer => {
    const name = nameOf(toAwsRecord(record.entry));
    const result = results.get(name);
    if (result === undefined) {
      return unprocessed.has(name)
        ? { status: "waiting", reason: "UnprocessedRecords", effect: "none" }
        : { status: "waiting", reason: "AWS did not mention it in its answer", effect: "unknown" };
    }
    switch (result.Status) {
      case "Success":
        return { status: "success", meteringRecordId: result.MeteringRecordId };
      case "DuplicateRecord":
        return { status: "duplicate", meteringRecordId: result.MeteringRecordId };
      case "CustomerNotSubscribed":
        return { status: "waiting", reason: "CustomerNotSubscribed", effect: "none" };
      case undefined:
      default:
        return {
          status: "waiting",
          effect: "unknown",
          reason: `AWS answered a status that is not documented: ${String(result.Status)}`,
        };
    }
  });
}

const nameOf = ({
  LicenseArn,
  CustomerIdentifier,
  CustomerAWSAccountId,
  Dimension,
  Timestamp,
}: AwsUsageRecord): string =>
  JSON.stringify([LicenseArn ?? CustomerIdentifier ?? CustomerAWSAccountId, Dimension, Timestamp?.getTime()]);

import {
  BatchMeterUsageCommand,
  type BatchMeterUsageRequest,
  MarketplaceMeteringClient,
  type UsageRecord as AwsUsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { UsageSubmitter } from "@tollhouse/core/metering/submission";
import type { UsageRecord, UsageRecordEntry } from "@tollhouse/core/metering/usage-record";
import * as z from "zod";
import { clientSettings } from "../client-settings.ts";
import type { Logger } from "../logging/logger.ts";
import { answerTo } from "./call-answer.ts";
import { evenPace, meteringPace } from "./pace.ts";
import { answersTo } from "./record-answer.ts";
import { type SellerRole, sellerRole } from "./role.ts";

/**
 * BatchMeterUsage through the seller's metering role. Each Region has a client of its own, since AWS recognises repeats only
 * within the Region of the first call; all share one pace.
 */
export function marketplaceUsageSubmitter(
  configuration: Configuration,
  logger: Pick<Logger, "error">,
): UsageSubmitter {
  const role = sellerRole(configuration, "metering", "meter");
  const turn = evenPace(meteringPace, () => Promise.resolve());
  const clients = new Map<string, MarketplaceMeteringClient>();
  const clientFor = (region: string): MarketplaceMeteringClient => {
    const client = clients.get(region) ?? makeClient(region, role, turn);
    clients.set(region, client);
    return client;
  };
  return {
    async submit(records) {
      const [first] = records;
      if (first === undefined) return { kind: "answered", answers: [] };
      try {
        const command = new BatchMeterUsageCommand(toRequest(records, first));
        const answer = await clientFor(first.entry.region).send(command);
        return { kind: "answered", answers: answersTo(records, answer, logger) };
      } catch (error) {
        return answerTo(error, { operation: "BatchMeterUsage", role }, first.entry, logger);
      }
    },
  };
}

/**
 * One attempt a call: a resend is our decision, noted as an attempt. The adaptive mode is wanted for what it does to the calls that
 * follow one that was throttled: it holds them back, and lets them come faster again while none is throttled.
 */
function makeClient(region: string, { credentials }: SellerRole, turn: () => Promise<void>) {
  const client = new MarketplaceMeteringClient({
    ...clientSettings,
    ...{ retryMode: "adaptive", maxAttempts: 1 },
    ...{ region, credentials },
  });
  client.middlewareStack.addRelativeTo(
    <Request, Answer>(next: (request: Request) => Promise<Answer>) =>
      async (request: Request) => {
        await turn();
        return next(request);
      },
    // Behind the retry mode, so that calls that it held back do not fall together; a signature is made when the call's turn has come.
    { name: "pace", relation: "before", toMiddleware: "httpSigningMiddleware" },
  );
  return client;
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

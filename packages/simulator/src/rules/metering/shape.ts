import { type Refusal, refusal } from "../refusal.ts";
import type { BatchMeterUsageRequest, UsageRecord } from "./record.ts";

/** API reference: BatchMeterUsage and UsageRecord. */
const maxRecords = 25;
const maxQuantity = 2_147_483_647;
const maxAllocations = 2_500;
const maxIdentifierLength = 255;
const productCodePattern = /^[-a-zA-Z0-9/=:_.@]*$/;
const accountPattern = /^[0-9]+$/;
/** "Less than 1 MB": the smaller megabyte, so that what passes here passes at AWS. */
const maxRequestBytes = 1_000_000;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= maxQuantity;

/** Why AWS would not even read the request, if so. */
export function problemOfShape(request: BatchMeterUsageRequest, requestBytes: number): Refusal | undefined {
  if (requestBytes >= maxRequestBytes)
    return invalid("the request must be smaller than 1 MB", "RequestEntityTooLargeException");
  if (request.UsageRecords.length > maxRecords)
    return invalid(`'usageRecords' must have at most ${maxRecords} members`);
  const { ProductCode = "" } = request;
  if (ProductCode.length > maxIdentifierLength || !productCodePattern.test(ProductCode))
    return invalid("'productCode' must have at most 255 letters of -a-zA-Z0-9/=:_.@");
  return request.UsageRecords.map(problemOfRecord).find((problem) => problem !== undefined);
}

function problemOfRecord(record: UsageRecord): Refusal | undefined {
  const { Dimension, Quantity = 0, UsageAllocations, CustomerIdentifier, CustomerAWSAccountId } = record;
  if (Dimension.length < 1 || Dimension.length > 255)
    return invalid("'dimension' must have 1 to 255 letters");
  if (!isCount(Quantity)) return invalid(`'quantity' must be a whole number from 0 to ${maxQuantity}`);
  if (!Number.isFinite(record.Timestamp)) return invalid("'timestamp' must be a time");
  if ((CustomerIdentifier === undefined) === (CustomerAWSAccountId === undefined))
    return invalid("give either 'customerIdentifier' or 'customerAWSAccountId'");
  if (CustomerAWSAccountId !== undefined && !accountPattern.test(CustomerAWSAccountId))
    return invalid("'customerAWSAccountId' must be digits");
  if ((CustomerIdentifier ?? CustomerAWSAccountId ?? "").length > maxIdentifierLength)
    return invalid("the customer's identifier must have at most 255 letters");
  return problemOfSplit(UsageAllocations);
}

function problemOfSplit(UsageAllocations: UsageRecord["UsageAllocations"]): Refusal | undefined {
  if (UsageAllocations === undefined) return undefined;
  if (UsageAllocations.length < 1 || UsageAllocations.length > maxAllocations)
    return invalid(`'usageAllocations' must have 1 to ${maxAllocations} members`);
  if (!UsageAllocations.every(({ AllocatedUsageQuantity }) => isCount(AllocatedUsageQuantity)))
    return invalid(`'allocatedUsageQuantity' must be a whole number from 0 to ${maxQuantity}`);
  if (UsageAllocations.some(({ Tags }) => Tags?.length === 0))
    return invalid("'tags' must have at least 1 member, or be left out");
  return undefined;
}

const invalid = (message: string, code = "ValidationException"): Refusal =>
  refusal(code, `1 validation error detected: ${message}`);

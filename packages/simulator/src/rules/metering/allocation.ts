import { type Refusal, refusal } from "../refusal.ts";
import type { UsageAllocation, UsageRecord } from "./record.ts";

/** API reference: Tag and UsageAllocation; the pattern is AWS's own, whose ` -=` is a range. */
const tagText = /^[a-zA-Z0-9+ -=._:\\/@]+$/;
const maxTags = 5;
const maxKeyLength = 100;
const maxValueLength = 256;

const tagSet = ({ Tags = [] }: UsageAllocation): string =>
  JSON.stringify(Tags.map(({ Key, Value }) => [Key, Value]).sort());

/** The allocations in an order that does not depend on how they were listed. Empty for a record without any. */
export const canonicalAllocations = ({ UsageAllocations = [] }: UsageRecord): string =>
  UsageAllocations.map((one) => `${tagSet(one)}=${one.AllocatedUsageQuantity}`)
    .sort()
    .join(";");

/** Why the tags or the split of a record are refused (API reference: InvalidTag and InvalidUsageAllocations). */
export function problemOfAllocations(record: UsageRecord): Refusal | undefined {
  const { UsageAllocations: allocations, Quantity: quantity = 0 } = record;
  if (allocations === undefined) return undefined;
  if (allocations.some(hasBadTags))
    return refusal("InvalidTagException", "The tag is invalid, or the number of tags is greater than 5.");
  const sum = allocations.reduce((total, { AllocatedUsageQuantity }) => total + AllocatedUsageQuantity, 0);
  if (sum !== quantity)
    return refusal(
      "InvalidUsageAllocationsException",
      "Sum of allocated usage quantities is not equal to the usage quantity.",
    );
  if (new Set(allocations.map(tagSet)).size < allocations.length)
    return refusal("InvalidUsageAllocationsException", "Two usage allocations have the same tags.");
  return undefined;
}

function hasBadTags({ Tags = [] }: UsageAllocation): boolean {
  const keys = new Set(Tags.map(({ Key }) => Key));
  return (
    Tags.length > maxTags ||
    keys.size < Tags.length ||
    Tags.some(({ Key, Value }) => !isTagText(Key, maxKeyLength) || !isTagText(Value, maxValueLength))
  );
}

const isTagText = (text: string, maxLength: number): boolean =>
  text.length <= maxLength && tagText.test(text);

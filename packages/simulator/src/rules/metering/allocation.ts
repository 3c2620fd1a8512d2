import { type Refusal, refusal } from "../refusal.ts";
import type { Allocated, UsageAllocation, UsageRecord } from "./record.ts";

/**
 * API reference: Tag and UsageAllocation. Its pattern writes ` -=` as a range; the Seller Guide ("Metering for usage") lists
 * the letters, a narrower reading, which is taken here.
 */
const tagText = /^[a-zA-Z0-9+ \-=._:\\/@]+$/;
const maxTags = 5;
const maxKeyLength = 100;
const maxValueLength = 256;

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const tagsOf = ({ Tags = [] }: UsageAllocation): Allocated["tags"] =>
  Tags.map(({ Key, Value }) => [Key, Value] as const).sort(([a], [b]) => inOrder(a, b));

/** The one text of a tag set: equal for equal ones, however they were listed. */
export const tagSetText = (tags: Allocated["tags"]): string => JSON.stringify(tags);

/** The allocations in an order that does not depend on how they were listed. Empty for a record without any. */
export const canonicalAllocations = ({ UsageAllocations = [] }: UsageRecord): Allocated[] =>
  UsageAllocations.map((one) => ({ tags: tagsOf(one), quantity: one.AllocatedUsageQuantity })).sort((a, b) =>
    inOrder(tagSetText(a.tags), tagSetText(b.tags)),
  );

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
  const sets = new Set(allocations.map((one) => tagSetText(tagsOf(one))));
  if (sets.size < allocations.length)
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

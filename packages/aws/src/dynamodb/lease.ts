import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SubmitLease } from "@tollhouse/core/metering/store";
import { minuteMs, secondMs } from "@tollhouse/core/time/instant";
import { meteringKey } from "./key.ts";

/** How long a lease lasts that is not kept: far longer than a call, and no longer than a run that died may hold up the next. */
const usualMs = minuteMs;
/** AWS counts calls by the second: those of two owners must not fall into one. */
const releasedMs = secondMs;
/** A lease that was kept this part of its time ago is ours: whoever waits for it waits longer. */
const keptShare = 1 / 3;

const isOurs = "heldBy = :owner";
const isFree = "attribute_not_exists(pk) OR untilMs <= :now";

/**
 * A lease of one item. Whoever makes one is another owner.
 * @param now the machine's clock, in ms: the lease is about processes, which the domain's clock does not move
 */
export function dynamoLease(
  client: DynamoDBDocumentClient,
  table: string,
  now: () => number = Date.now,
  leaseMs: number = usualMs,
): SubmitLease {
  const owner = randomUUID();
  let keptAt = -Infinity;
  const hold = async (ms: number, condition: string, values: Record<string, number> = {}) => {
    const at = now();
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: meteringKey.lease,
          UpdateExpression: "SET heldBy = :owner, untilMs = :until",
          ConditionExpression: condition,
          ExpressionAttributeValues: { ":owner": owner, ":until": at + ms, ...values },
        }),
      );
      keptAt = at;
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  return {
    take: () => hold(leaseMs, `${isOurs} OR ${isFree}`, { ":now": now() }),
    keep: async () => now() - keptAt < leaseMs * keptShare || hold(leaseMs, isOurs),
    async release() {
      await hold(releasedMs, isOurs);
      keptAt = -Infinity;
    },
  };
}

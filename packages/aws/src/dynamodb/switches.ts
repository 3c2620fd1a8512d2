import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ProductSwitch, SwitchStore } from "@tollhouse/core/metering/store";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const at = z.number().transform((value): Instant => instant(value));

const switchSchema = z
  .object({
    pausedFor: z.string().optional(),
    pausedAt: at.optional(),
    heldFor: z.string().optional(),
    heldAt: at.optional(),
    rehearsedThrough: hourSchema.optional(),
  })
  .transform(
    ({ pausedFor, pausedAt, heldFor, heldAt, rehearsedThrough }): Omit<ProductSwitch, "productCode"> => ({
      paused: since(pausedFor, pausedAt),
      held: since(heldFor, heldAt),
      rehearsedThrough,
    }),
  );

const knownSchema = z.object({ codes: z.set(z.string()).default(new Set()) });

const since = (reason: string | undefined, from: Instant | undefined) =>
  reason === undefined || from === undefined ? undefined : { reason, at: from };

/** What holds products' metering up: an item a product, of which each change writes its own attributes and no others. */
export function dynamoSwitches(client: DynamoDBDocumentClient, table: string): SwitchStore {
  const update = async (
    productCode: string,
    UpdateExpression: string,
    values?: Readonly<Record<string, unknown>>,
    condition?: string,
  ): Promise<void> => {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: meteringKey.productSwitch(productCode),
        UpdateExpression,
        ExpressionAttributeValues: values,
        ConditionExpression: condition,
      }),
    );
  };
  return {
    async load(productCode) {
      const Key = meteringKey.productSwitch(productCode);
      const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
      return { productCode, ...switchSchema.parse(Item ?? {}) };
    },
    async known(productCodes) {
      const Key = meteringKey.knownProducts;
      const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
      const { codes } = knownSchema.parse(Item ?? {});
      if (productCodes.every((code) => codes.has(code))) return [...codes];
      const noteThem = { ...{ TableName: table, Key }, UpdateExpression: "ADD codes :codes" };
      const values = { ExpressionAttributeValues: { ":codes": new Set(productCodes) } };
      await client.send(new UpdateCommand({ ...noteThem, ...values }));
      return [...new Set([...codes, ...productCodes])];
    },
    pause: (productCode, reason, from) =>
      update(productCode, "SET pausedFor = :reason, pausedAt = :at", { ":reason": reason, ":at": from }),
    resume: (productCode) => update(productCode, "REMOVE pausedFor, pausedAt"),
    hold: (productCode, reason, from) =>
      update(productCode, "SET heldFor = :reason, heldAt = if_not_exists(heldAt, :at)", {
        ":reason": reason,
        ":at": from,
      }),
    release: (productCode) => update(productCode, "REMOVE heldFor, heldAt"),
    async rehearse(productCode, through) {
      // Hours sort as text as they do in time.
      const isLater = "attribute_not_exists(rehearsedThrough) OR rehearsedThrough < :through";
      const values = { ":through": formatHour(through) };
      await update(productCode, "SET rehearsedThrough = :through", values, isLater).catch(
        (error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        },
      );
    },
  };
}

import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";

/** Gives the reason of each refused item; `undefined` when everything was written. */
export async function transact(
  client: DynamoDBDocumentClient,
  items: TransactWriteCommandInput["TransactItems"],
): Promise<readonly (string | undefined)[] | undefined> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems: items }));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException)
      return (error.CancellationReasons ?? []).map(({ Code }) => Code);
    throw error;
  }
}

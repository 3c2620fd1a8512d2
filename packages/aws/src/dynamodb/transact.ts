import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  PutCommand,
  type PutCommandInput,
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

/** Writes one item. `false` when its condition is not met, or somebody's transaction is changing the item at the moment. */
export async function putIfMet(client: DynamoDBDocumentClient, put: PutCommandInput): Promise<boolean> {
  try {
    await client.send(new PutCommand(put));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException)
      return false;
    throw error;
  }
}

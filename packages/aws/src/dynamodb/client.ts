import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { clientSettings } from "../client-settings.ts";

/** One connection for all stores of a function. Amounts are stored as text (amounts.ts), so numbers are small. */
export const makeDocumentClient = (
  where: Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials"> = {},
): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ ...clientSettings, ...where }), {
    marshallOptions: { removeUndefinedValues: true },
  });

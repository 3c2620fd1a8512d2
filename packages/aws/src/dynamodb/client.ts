import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import { clientSettings } from "../client-settings.ts";

/** As many as the SDK's HTTP handler opens sockets to one host. */
const callsAtOnce = 50;

/** One connection for all stores of a function. Amounts are stored as text (amounts.ts), so numbers are small. */
export function makeDocumentClient(
  where: Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials"> = {},
): DynamoDBDocumentClient {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...clientSettings, ...where }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const turn = pLimit(callsAtOnce);
  client.middlewareStack.addRelativeTo(
    <Request, Answer>(next: (request: Request) => Promise<Answer>) =>
      (request: Request) =>
        turn(next, request),
    // The SDK's time-outs begin where its own queue for a socket does: behind many calls of ours, one would be given up unsent.
    { name: "turn", relation: "before", toMiddleware: "httpSigningMiddleware" },
  );
  return client;
}

import { describe } from "vitest";
import { bookContract } from "../contract/store/book.ts";
import { makeStores } from "../contract/store/database.ts";
import { foldContract } from "../contract/store/fold.ts";
import { recordContract } from "../contract/store/record.ts";
import { usageLogContract } from "../contract/store/usage-log.ts";

/** What the metering stores promise, for a run of its own with a planted fault, in a database that runs. */
describe("in DynamoDB", () => {
  const stores = () => makeStores(process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "");

  usageLogContract(async () => (await stores()).usageLog);
  foldContract(async () => (await stores()).folds);
  bookContract(async () => (await stores()).metering);
  recordContract(async () => (await stores()).metering);
});

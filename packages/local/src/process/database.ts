import { tmpdir } from "node:os";
import { startDynamoDbLocal } from "../dynamodb-local.ts";
import { liveWithParent, reportReady } from "./life.ts";

/** A guard of DynamoDB Local, which ends it when the local world is gone. */
const [port = "8000", folder] = process.argv.slice(2);
const database = startDynamoDbLocal({ port: Number(port), folder, scratch: tmpdir() });
let stopping = false;
liveWithParent(() => {
  stopping = true;
  return database.stop();
});
void database.ended.then((lastWords) => {
  if (stopping) return;
  process.stderr.write(`DynamoDB Local ended unasked.\n${lastWords}\n`, () => process.exit(1));
});
await database.ready.then(
  () => reportReady(),
  () => undefined,
);

import { onTable, queryIndex } from "./permission";
import { open } from "./source";

// What waits is read, and nothing is written.
open("watch", [
  onTable("Lifecycle", ["GetItem"]),
  queryIndex("Lifecycle", "unpublished"),
  onTable("Metering", ["GetItem", "BatchGetItem", "Query"]),
  queryIndex("Metering", "pending"),
]);

open("inspection", [onTable("Metering", ["GetItem", "Query", "Scan"])]);

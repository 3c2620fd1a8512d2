import { onTable, queryIndex } from "./permission";
import { actFor } from "./seller";
import { open } from "./source";

open("usage", [
  onTable("Metering", ["PutItem", "BatchWriteItem", "UpdateItem"]),
  // The quarantine lies in the lifecycle's table.
  onTable("Lifecycle", ["PutItem", "BatchWriteItem"]),
]);

open("meter", [
  onTable("Lifecycle", ["GetItem", "Query", "BatchGetItem"]),
  queryIndex("Lifecycle", "byCustomer"),
  onTable("Metering", [
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "ConditionCheckItem",
  ]),
  queryIndex("Metering", "pending"),
  actFor("metering"),
]);

import { onTable, queryIndex, sendTo, type Permission } from "./permission";
import { open } from "./source";

open("usage", [
  onTable("Metering", ["GetItem", "PutItem", "BatchWriteItem"]),
  // The quarantine lies in the lifecycle's table.
  onTable("Lifecycle", ["PutItem", "BatchWriteItem"]),
]);

const keepBooks = (): Permission[] => [
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
];

open("collector", [sendTo("Usage")]);

open("fold", [
  onTable("Lifecycle", ["GetItem", "Query", "BatchGetItem", "PutItem", "BatchWriteItem"]),
  ...keepBooks(),
  sendTo("Meter"),
]);

open("meter", [
  onTable("Lifecycle", ["GetItem", "Query", "BatchGetItem"]),
  // Zero records are made for every subscription in force.
  queryIndex("Lifecycle", "listed"),
  // Whoever is in the final hour has an entry there that waits for its end.
  queryIndex("Lifecycle", "unpublished"),
  ...keepBooks(),
  sendTo("Fold"),
  // A run whose time ran out asks for the next one.
  sendTo("Meter"),
]);

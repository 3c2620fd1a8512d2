import { runsKey } from "@tollhouse/aws/dynamodb/runs-key";
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

/** How many runs the meter had is noted in the other table as well, so that books restored from a backup are noticed. */
const countRuns = () => ({
  ...onTable("Lifecycle", ["PutItem"]),
  conditions: [{ test: "ForAllValues:StringEquals", variable: "dynamodb:LeadingKeys", values: [runsKey.pk] }],
});

open("meter", [
  onTable("Lifecycle", ["GetItem", "Query", "BatchGetItem"]),
  countRuns(),
  // Zero records are made for every subscription in force.
  queryIndex("Lifecycle", "listed"),
  // Whoever is in the final hour has an entry there that waits for its end.
  queryIndex("Lifecycle", "unpublished"),
  ...keepBooks(),
  sendTo("Fold"),
  // A run whose time ran out asks for the next one.
  sendTo("Meter"),
]);

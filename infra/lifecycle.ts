import { confirmSubscriptions } from "./notification";
import { onTable, publish, queryIndex, sendTo } from "./permission";
import { sendMail } from "./mail";
import { open } from "./source";

// Linked with the keys that it signs buyers' tokens with, by the manifest.
open("registration", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "ConditionCheckItem"]),
  // The license may be named by an event before AWS names it to the page.
  queryIndex("Lifecycle", "byCustomer"),
  sendTo("Relay"),
]);

open("intake", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "ConditionCheckItem"]),
  sendTo("Relay"),
  ...confirmSubscriptions(),
]);

open("webhook", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "ConditionCheckItem"]),
  sendTo("Relay"),
  ...confirmSubscriptions(),
]);

open("relay", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "ConditionCheckItem", "BatchWriteItem"]),
  queryIndex("Lifecycle", "unpublished"),
  publish(),
  sendTo("Entitlement"),
  // Ending a window is a change of its own, to be announced.
  sendTo("Relay"),
  // Usage that waited may now have a subscription.
  sendTo("Fold"),
  // Usage of a subscription that ends is metered at once.
  sendTo("Meter"),
  ...sendMail(),
]);

open("entitlement", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "ConditionCheckItem"]),
  sendTo("Relay"),
]);

open("reconciliation", [
  onTable("Lifecycle", ["GetItem", "Query", "PutItem", "DeleteItem", "ConditionCheckItem"]),
  queryIndex("Lifecycle", "listed"),
  sendTo("Relay"),
  sendTo("Entitlement"),
]);

// It reads, and changes nothing.
open("access", [onTable("Lifecycle", ["GetItem"]), queryIndex("Lifecycle", "byCustomer")]);

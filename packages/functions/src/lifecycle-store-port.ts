import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";

/** The store alone, for the doors at which somebody waits: what they do not load starts faster. */
export const lifecycleStorePort = (table: string): LifecycleStore =>
  dynamoLifecycleStore(lifecycleEntities(makeDocumentClient(), table));

import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoDirectory } from "@tollhouse/aws/dynamodb/listing";
import { dynamoOutbox } from "@tollhouse/aws/dynamodb/outbox";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { dynamoRunCounter } from "@tollhouse/aws/dynamodb/run-counter";
import { dynamoSuspicions } from "@tollhouse/aws/dynamodb/suspicions";

/** What every function needs of the Lifecycle table. */
export function lifecyclePorts(table: string) {
  const client = makeDocumentClient();
  const entities = lifecycleEntities(client, table);
  return {
    store: dynamoLifecycleStore(entities),
    outbox: dynamoOutbox(entities),
    quarantine: dynamoQuarantine(client, table),
    directory: dynamoDirectory(entities, client, table),
    runWitness: dynamoRunCounter(client, table),
    suspicions: dynamoSuspicions(client, table),
  };
}

import { setTimeout as delay } from "node:timers/promises";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { dynamoLedger } from "@tollhouse/aws/dynamodb/ledger";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { inspectBooks } from "@tollhouse/core/watch/inspect";
import type { Context } from "aws-lambda";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { tellInspection } from "./tell-inspection.ts";

const tables = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const logger = makeLogger();
const measure = makeMeasure();
const client = makeDocumentClient();
const ledger = dynamoLedger(client, tables.METERING_TABLE, dynamoFoldStore(client, tables.METERING_TABLE));
const ports = { ledger, clock: clockOfWorld() };
/** Between looks, in which what was half done is finished. */
const pauseMs = 10_000;
/** Left when no further thousand items are begun: unpacking as many segments takes seconds. */
const reserveMs = 60_000;

/** Run by the schedule; everything is read. */
export const handler = async (_event: unknown, context: Context): Promise<void> => {
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  const inspection = await inspectBooks(ports, { hasTime, pause: () => delay(pauseMs) });
  tellInspection({ logger, measure }, inspection, tables);
};

import { inspect } from "node:util";
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { dynamoLease } from "@tollhouse/aws/dynamodb/lease";
import { recordItem } from "@tollhouse/aws/dynamodb/record-item";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceUsageSubmitter } from "@tollhouse/aws/marketplace/usage-submitter";
import { submitRecords } from "@tollhouse/core/metering/submit";
import type { SubmitPorts, UsageSubmitter } from "@tollhouse/core/metering/submission";
import { instant } from "@tollhouse/core/time/instant";
import { liveWithParent } from "@tollhouse/local/process/life";
import { benchConfiguration } from "./configuration.ts";
import { pendingRecords, submitsAt } from "./record.ts";
import { type Answer, type Task, taskSchema } from "./task.ts";

const tell = (message: object): void => void process.send?.(message);
const client = makeDocumentClient();

/** Far above what is needed: a run that goes on for ever is a fault. */
const maxRuns = 50;

async function carryOut({ table, paced, licenses }: Task): Promise<Answer> {
  const records = await fill(table, licenses);
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const clock = { now: () => Promise.resolve(instant(submitsAt + Math.floor(elapsedMs()))) };
  const ports: SubmitPorts = {
    records: dynamoRecordStore(client, table),
    books: dynamoBookStore(client, table),
    switches: dynamoSwitches(client, table),
    lease: dynamoLease(client, table),
    submitter: paced ? marketplaceUsageSubmitter(benchConfiguration, makeLogger()) : takesAll,
    clock,
  };
  const answer = { records, accepted: 0, calls: 0, throttled: 0, runs: 0, seconds: 0 };
  while (answer.accepted < records && answer.runs < maxRuns) {
    const submitted = await submitRecords(ports, benchConfiguration);
    answer.runs += 1;
    answer.accepted += submitted.accepted;
    answer.calls += submitted.calls;
    answer.throttled += submitted.throttled;
    const waiting = submitted.waiting.map((why) => `; some wait: ${why}`).join("");
    tell({ progress: `${answer.accepted} of ${records} records taken${waiting}` });
  }
  return { ...answer, seconds: elapsedMs() / 1_000 };
}

/** AWS without its quota, its network and its rules: what is left is our own work. */
const takesAll: UsageSubmitter = {
  submit: (records) =>
    Promise.resolve({
      kind: "answered",
      answers: records.map(({ hour }) => ({ status: "success", meteringRecordId: `m-${hour}` }) as const),
    }),
};

/** DynamoDB takes 25 items a call. */
const itemsPerCall = 25;

async function fill(table: string, licenses: Task["licenses"]): Promise<number> {
  let count = 0;
  let items: ReturnType<typeof recordItem>[] = [];
  const write = async () => {
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: requests } }),
    );
    if (Object.keys(UnprocessedItems ?? {}).length > 0)
      throw new Error("The database did not take all items.");
    items = [];
  };
  for (const record of pendingRecords(licenses)) {
    items.push(recordItem(record));
    count += 1;
    if (items.length === itemsPerCall) await write();
  }
  if (items.length > 0) await write();
  return count;
}

process.once("message", (message) => {
  void carryOut(taskSchema.parse(message))
    .then((answer) => tell({ answer }))
    .catch((error: unknown) => tell({ failed: inspect(error) }));
});
liveWithParent(() => Promise.resolve());

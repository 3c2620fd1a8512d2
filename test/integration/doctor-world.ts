import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { askDoctor } from "@tollhouse/aws/doctor/invoke";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import type { Finding } from "@tollhouse/core/doctor/finding";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { choosePorts } from "@tollhouse/local/port";
import { startWorld } from "@tollhouse/local/world";
import * as z from "zod";
import { credentials } from "./table.ts";

const roleSchema = z.looseObject({
  arn: z.string(),
  externalId: z.string().optional(),
  trusts: z.array(z.string()),
  actions: z.array(z.string()),
});
const accountSchema = z.object({
  roles: z.array(roleSchema),
  eventRule: z.looseObject({ targets: z.array(z.looseObject({ arn: z.string() })) }),
  topicSubscriptions: z.array(z.looseObject({ topicArn: z.string(), endpoint: z.string() })),
});
export type Account = z.output<typeof accountSchema>;

/** A world of its own, and everything by which its links can be broken from outside. */
export async function doctorWorld(
  configuration: Configuration,
  functionEnvironment: Readonly<Record<string, string>> = {},
) {
  const collapsed = new AbortController();
  const world = await startWorld({
    configuration,
    ports: await choosePorts(undefined),
    functionEnvironment,
    stopped: collapsed.signal,
    onProgress: () => undefined,
    onLine: (name, line) => {
      if (process.env["TOLLHOUSE_WORLD_LOG"] !== undefined) console.log(`${name} ${line}`);
    },
    onCollapse: (what) => collapsed.abort(new Error(what)),
  });
  const { simulatorUrl, lambdaUrl, doctorName, queuesUrl, databaseUrl, queueUrls, tableNames } = world.places;
  const simulator = async (method: string, path: string, body: object = {}): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const init = method === "GET" ? {} : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${simulatorUrl}/_simulator/${path}`, init);
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const database = { endpoint: databaseUrl, region: "us-east-1", credentials };
  const documents = makeDocumentClient(database);
  return {
    places: world.places,
    configuration,
    queues: new SQSClient({ endpoint: queuesUrl, region: "us-east-1", credentials }),
    tables: new DynamoDBClient(database),
    switches: dynamoSwitches(documents, tableNames.Metering),
    queueUrls,
    tableNames,
    /** The seller's account as the kit makes it. */
    account: async () => accountSchema.parse(await simulator("GET", "account")),
    changeAccount: (change: object) => simulator("PUT", "account", change),
    restoreAccount: () => simulator("DELETE", "account"),
    /** Calls of an operation fail in one way, as long as nobody takes it back. */
    letFail: (operation: string, fault: "deny" | "fail") =>
      simulator("PUT", "faults", { rules: [{ on: "calls", fault, operation, probability: 1 }] }),
    forgetFaults: () => simulator("DELETE", "faults"),
    /** What doctor finds now. */
    async examine(): Promise<readonly Finding[]> {
      const answer = await askDoctor({
        kind: "local-world",
        functionName: doctorName,
        endpoint: lambdaUrl,
      });
      if (answer.kind !== "report") throw new Error(answer.reason);
      return answer.report.findings;
    },
    stop: () => world.stop(),
  };
}
export type DoctorWorld = Awaited<ReturnType<typeof doctorWorld>>;

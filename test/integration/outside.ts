import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deadLetterOf, type QueueName, queues as queuesOfManifest } from "@tollhouse/functions/manifest";
import type { Places } from "@tollhouse/local/places";
import * as z from "zod";
import { credentials } from "./table.ts";

const clockSchema = z.object({ now: z.string() });
const agreementSchema = z.object({
  agreementId: z.string(),
  licenseArn: z.string(),
  customerIdentifier: z.string().optional(),
  registrationToken: z.string(),
});
export type Agreement = z.output<typeof agreementSchema>;

const total = z.object({ licenseArn: z.string(), dimension: z.string(), quantity: z.number() });
const billSchema = z.object({
  records: z.array(total.extend({ hour: z.string() })),
  totals: z.array(total),
  /** For each of a license's and dimension's sets of tags, which are pairs of key and value, sorted by key. */
  tagTotals: z.array(total.extend({ tags: z.array(z.tuple([z.string(), z.string()])) })),
});
/** What buyers are charged, record by record and added up. */
export type Bill = z.output<typeof billSchema>;
export type BillRecord = Bill["records"][number];

const callsSchema = z.object({
  calls: z.array(
    z.object({
      number: z.number(),
      outcome: z.string(),
      records: z.number().optional(),
      fault: z.string().optional(),
      note: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
export type MeteringCall = z.output<typeof callsSchema>["calls"][number];

const faultsSchema = z.object({
  rules: z.array(z.looseObject({ on: z.string(), fault: z.string(), struck: z.number() })),
});

const queueNames = Object.keys(queuesOfManifest) as QueueName[];

/** What buyers, the seller's services and time do to a running world, with plain clients. */
export function outside({ simulatorUrl, registrationUrl, queuesUrl, queueUrls }: Places) {
  const queues = new SQSClient({ endpoint: queuesUrl, region: "us-east-1", credentials });
  const simulator = async (path: string, body?: unknown, method = "POST"): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${simulatorUrl}/_simulator/${path}`, init);
    if (!response.ok) throw new Error(`The simulator answered ${response.status} to ${path}.`);
    return response.json();
  };
  const countIn = async (queueUrl: string | undefined, ...kinds: ("" | "NotVisible" | "Delayed")[]) => {
    const names = kinds.map((kind) => `ApproximateNumberOfMessages${kind}` as const);
    const { Attributes = {} } = await queues.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: names }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  return {
    now: async () => Date.parse(clockSchema.parse(await simulator("clock")).now),
    setClock: (change: { now?: string; advanceSeconds?: number; rate?: number }) =>
      simulator("clock", change),
    subscribe: async (request: unknown) => agreementSchema.parse(await simulator("agreements", request)),
    cancel: (agreementId: string) => simulator(`agreements/${agreementId}/cancel`, {}),
    bill: async (licenseArn?: string): Promise<Bill> =>
      billSchema.parse(await simulator(licenseArn === undefined ? "bill" : `bill?licenseArn=${licenseArn}`)),
    /** Faults of the simulator, instead of all that there were. */
    setFaults: (seed: string, rules: readonly object[]) => simulator("faults", { seed, rules }, "PUT"),
    faults: async () => faultsSchema.parse(await simulator("faults")).rules,
    meteringCalls: async (since = 0): Promise<readonly MeteringCall[]> =>
      callsSchema.parse(await simulator(`calls?since=${since}&operation=BatchMeterUsage`)).calls,
    /** Whether the page took the buyer; a page that is being started again takes nobody. */
    register: async (token: string): Promise<boolean> =>
      fetch(registrationUrl, {
        method: "POST",
        body: new URLSearchParams({ "x-amzn-marketplace-token": token }),
      }).then(
        ({ ok }) => ok,
        () => false,
      ),
    sendUsage: (body: string) =>
      queues.send(new SendMessageCommand({ QueueUrl: queueUrls.Usage, MessageBody: body })),
    /** Whether a worker has taken messages of a queue and not yet deleted them. */
    isTaken: async (queue: QueueName) => (await countIn(queueUrls[queue], "NotVisible")) > 0,
    /** Queues that still hold messages. */
    async waiting(): Promise<readonly string[]> {
      const counts = await Promise.all(
        queueNames.map((queue) => countIn(queueUrls[queue], "", "NotVisible", "Delayed")),
      );
      return queueNames.filter((_, index) => (counts[index] ?? 0) > 0);
    },
    /** Dead-letter queues that hold messages. */
    async deadLetters(): Promise<readonly string[]> {
      const counts = await Promise.all(
        queueNames.map(async (queue) => {
          const QueueName = queueUrls[queue].slice(queueUrls[queue].lastIndexOf("/") + 1);
          const name = `${QueueName.slice(0, -queue.length)}${deadLetterOf(queue)}`;
          const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: name }));
          return countIn(QueueUrl, "", "NotVisible", "Delayed");
        }),
      );
      return queueNames.filter((_, index) => (counts[index] ?? 0) > 0).map((queue) => deadLetterOf(queue));
    },
    close: () => queues.destroy(),
  };
}
export type Outside = ReturnType<typeof outside>;

/** Asks until the answer is yes. @throws Error saying what did not come, after a minute */
export async function until(what: () => string, question: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await question())) {
    if (performance.now() > deadline) throw new Error(`Within a minute it did not come: ${what()}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

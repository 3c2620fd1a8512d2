import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deadLetterOf, type QueueName, queues as queuesOfManifest } from "@tollhouse/functions/manifest";
import type { Places } from "@tollhouse/local/places";
import * as z from "zod";
import { credentials } from "../integration/table.ts";

const clockSchema = z.object({ now: z.string() });
const agreementSchema = z.object({
  licenseArn: z.string(),
  customerIdentifier: z.string().optional(),
  registrationToken: z.string(),
});
export type Agreement = z.output<typeof agreementSchema>;

const billSchema = z.object({
  records: z.array(
    z.object({ licenseArn: z.string(), dimension: z.string(), hour: z.string(), quantity: z.number() }),
  ),
});
export type BillRecord = z.output<typeof billSchema>["records"][number];

const queueNames = Object.keys(queuesOfManifest) as QueueName[];

/** What buyers, the seller's services and time do to a running world, with plain clients. */
export function outside({ simulatorUrl, registrationUrl, queuesUrl, queueUrls }: Places) {
  const queues = new SQSClient({ endpoint: queuesUrl, region: "us-east-1", credentials });
  const simulator = async (path: string, body?: unknown): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
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
    bill: async () => billSchema.parse(await simulator("bill")).records,
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

import { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { systemClock } from "@tollhouse/aws/clock/clock";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { register, type ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import { takeNotification } from "@tollhouse/functions/intake/take-notification";
import { batchedWaker } from "@tollhouse/functions/batched-waker";
import { queues } from "@tollhouse/functions/manifest";
import { queueConsumer, type Verdict } from "@tollhouse/functions/queue-consumer";
import type { Handler } from "@tollhouse/local/worker/invoke";
import { pollQueue } from "@tollhouse/local/worker/poll-queue";
import type { Context, SQSEvent } from "aws-lambda";
import { configuration } from "../engine.ts";
import type { Sample, Settings } from "./exchange.ts";
import { watch, watchStore } from "./watch.ts";

const batchSize = queues.Intake.batch.size;

/** The intake as its handler is wired, and the registration's use case, on this client; each watched. */
export function makeIntake(client: DynamoDBDocumentClient, { queueUrl, relayQueueUrl, table }: Settings) {
  const logger = makeLogger();
  const quarantine = dynamoQuarantine(client, table);
  const waker = batchedWaker(sqsWaker(makeQueueClient(), relayQueueUrl));
  const ports = {
    store: watchStore(dynamoLifecycleStore(lifecycleEntities(client, table))),
    clock: systemClock,
    waker,
    confirmer: { confirm: () => Promise.resolve({ refused: "there are no topics here" }) },
  };
  const polled = new SQSClient({ requestHandler: { requestTimeout: 30_000 } });

  /** Polls as the local world's worker does until so many messages are done. */
  const take = async (count: number): Promise<Sample[]> => {
    const samples: Sample[] = [];
    const failures: unknown[] = [];
    const enough = new AbortController();
    // Bodies, since the handler's code is not told more of a message; a repeat has the body of another.
    const arrivals = new Map<string, { availableAtMs: number; takenAtMs: number }[]>();
    const consume = queueConsumer(
      { logger, measure: () => undefined, clock: systemClock, quarantine, waker },
      "intake",
      async (body) => {
        const begun = arrivals.get(body)?.shift() ?? { availableAtMs: Date.now(), takenAtMs: Date.now() };
        try {
          const watched = await watch(begun, () => takeNotification(ports, configuration, body), kindOf);
          samples.push(watched.sample);
          return watched.outcome;
        } catch (error) {
          failures.push(error);
          throw error;
        }
      },
    );
    const handler = async (event: SQSEvent, context: Context) => {
      const takenAtMs = Date.now();
      for (const { body, attributes } of event.Records) {
        const same = arrivals.get(body) ?? [];
        arrivals.set(body, [...same, { availableAtMs: Number(attributes.SentTimestamp), takenAtMs }]);
      }
      const response = await consume(event, context);
      if (samples.length >= count || failures.length > 0) enough.abort();
      return response;
    };
    await pollQueue({
      client: polled,
      queueUrl,
      functionName: "intake",
      handler: handler as Handler,
      batchSize,
      stopped: enough.signal,
    });
    if (failures.length > 0) throw new Error("A message failed, and none should.", { cause: failures[0] });
    return samples;
  };

  const registerOne = async (buyer: ResolvedBuyer): Promise<Sample> => {
    const resolver = { resolve: () => Promise.resolve({ buyer }) };
    const begun = { availableAtMs: Date.now(), takenAtMs: Date.now() };
    const token = JSON.stringify(buyer);
    const kind = "customer-registered";
    const { sample } = await watch(
      begun,
      () => register({ ...ports, resolver }, configuration, token),
      () => kind,
    );
    return sample;
  };
  return { take, register: (buyers: readonly ResolvedBuyer[]) => inBatches(buyers, registerOne) };
}

function kindOf(verdict: Verdict): string {
  if ("refused" in verdict) throw new Error(`The benchmark sent what is refused: ${verdict.refused}`);
  return verdict.done["outcome"] === "known" ? "repeat" : String(verdict.done["kind"]);
}

/** As many at once as the intake has messages in a batch, and the next ones when all are done. */
export async function inBatches<Value, Result>(
  values: readonly Value[],
  work: (value: Value) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < values.length; start += batchSize)
    results.push(...(await Promise.all(values.slice(start, start + batchSize).map(work))));
  return results;
}

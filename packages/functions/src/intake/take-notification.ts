import { readNotification } from "@tollhouse/aws/notification/read-notification";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { recordFact, type RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import type { Verdict } from "../queue-consumer.ts";

/** One notification of AWS Marketplace: read, filed, and told in the log by its fact. */
export async function takeNotification(
  ports: RecordPorts,
  configuration: Configuration,
  body: string,
): Promise<Verdict> {
  const reading = readNotification(body);
  if ("refused" in reading) return reading;
  const { fact } = reading;
  const outcome = await recordFact(ports, configuration, fact);
  if (outcome.kind === "refused") return { refused: outcome.reason };
  const subscriptions = outcome.kind === "stored" ? outcome.subscriptionIds : [];
  return { done: { outcome: outcome.kind, fact: fact.id, kind: fact.kind, subscriptions } };
}

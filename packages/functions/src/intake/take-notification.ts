import { readNotification } from "@tollhouse/aws/notification/read-notification";
import type { SubscriptionConfirmation } from "@tollhouse/aws/notification/reading";
import type { SubscriptionConfirmer } from "@tollhouse/aws/sns/subscription";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { topicArns } from "@tollhouse/core/configuration/topic";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { recordFact, type RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import { logName } from "../log-name.ts";
import type { Verdict } from "../queue-consumer.ts";

export type NotificationPorts = RecordPorts & { readonly confirmer: SubscriptionConfirmer };

/** One notification of AWS Marketplace, by whichever door: read, filed, and told in the log by its fact. */
export async function takeNotification(
  ports: NotificationPorts,
  configuration: Configuration,
  body: string,
): Promise<Verdict> {
  const reading = readNotification(body);
  if ("refused" in reading) return reading;
  if ("confirmation" in reading) return confirm(ports.confirmer, configuration, reading.confirmation);
  // Somebody meant it, with our credentials or the owner's: we never subscribe again by ourselves.
  if ("unsubscribed" in reading)
    return {
      done: { outcome: "unsubscribed", topicArn: reading.unsubscribed },
      warning:
        "SNS has ended a subscription; its topic's messages arrive no more. Subscribe again if nobody meant it",
    };
  return file(ports, configuration, reading.fact);
}

async function file(ports: RecordPorts, configuration: Configuration, fact: Fact): Promise<Verdict> {
  const outcome = await recordFact(ports, configuration, fact);
  if (outcome.kind === "refused") return { refused: outcome.reason };
  const subscriptions = outcome.kind === "stored" ? outcome.subscriptionIds.map(logName) : [];
  const done = { outcome: outcome.kind, fact: fact.id, kind: fact.kind, subscriptions };
  const counts = { FactsStored: outcome.kind === "stored" ? 1 : 0 };
  if (fact.kind !== "notice" || fact.known) return { done, counts };
  return {
    counts,
    done: { ...done, detailType: fact.detailType },
    warning:
      "AWS Marketplace sent an event of a kind that this version does not know; it is kept and changes nothing",
  };
}

async function confirm(
  confirmer: SubscriptionConfirmer,
  configuration: Configuration,
  confirmation: SubscriptionConfirmation,
): Promise<Verdict> {
  const { topicArn } = confirmation;
  if (!topicArns(configuration).includes(topicArn))
    return {
      refused: `it asks to confirm ${topicArn}, which is no topic of a listing in tollhouse.config.ts: compare product code and seller.topicAccountId`,
    };
  const answer = await confirmer.confirm(confirmation);
  return answer === "confirmed" ? { done: { outcome: "subscription-confirmed", topicArn } } : answer;
}

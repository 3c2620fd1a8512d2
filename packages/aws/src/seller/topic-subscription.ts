import { createHash } from "node:crypto";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { topicArns } from "@tollhouse/core/configuration/topic";
import type { Resource } from "./template.ts";

/**
 * One subscription for each of AWS's topics, to production's intake queue. Only the seller's account may make them; SNS asks the
 * queue's owner whether it wants them, and the intake says yes to these topics and no others.
 */
export const topicSubscriptions = (
  configuration: Pick<Configuration, "seller" | "products">,
  intakeQueueArn: string,
): Readonly<Record<string, Resource>> =>
  Object.fromEntries(
    topicArns(configuration).map((topicArn) => [
      logicalNameOf(topicArn),
      {
        Type: "AWS::SNS::Subscription",
        Properties: {
          TopicArn: topicArn,
          Region: "us-east-1",
          Protocol: "sqs",
          Endpoint: intakeQueueArn,
          // Raw, a message would come without its id and its time, and be worthless.
          RawMessageDelivery: false,
        },
      },
    ]),
  );

/** Its own for each topic whatever else there is, so that a listing that comes or goes touches no other's subscription. */
function logicalNameOf(topicArn: string): string {
  const topic = topicArn.split(":").at(-1) ?? "";
  const readable = topic.replace(/^aws-mp-/, "").replace(/[^A-Za-z0-9]/g, "");
  return `Topic${readable.slice(0, 200)}${createHash("sha256").update(topicArn).digest("hex").slice(0, 8)}`;
}

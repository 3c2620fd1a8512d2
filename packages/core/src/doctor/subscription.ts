import { fail, pass, type Verdict, warn } from "./finding.ts";

/** A subscription to one of AWS Marketplace's topics, as SNS lists it for the seller account. */
export interface SeenSubscription {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** `deleted`: it has ended; SNS lists it for 72 hours more. */
  readonly state: "confirmed" | "pending" | "deleted";
}

/** The intake's second door posts to a path that ends so (`docs/operations.md`). */
const isDoor = ({ protocol, endpoint }: SeenSubscription): boolean =>
  protocol === "https" && endpoint.endsWith("/sns");

const subscribeCommand = (topicArn: string, queueArn: string): string =>
  `As the seller, deploy the seller-account kit, or subscribe by hand: \`aws sns subscribe --region us-east-1 --topic-arn ${topicArn} --protocol sqs --notification-endpoint ${queueArn}\`.`;

/** Whether the topic's messages reach the intake. */
export function judgeTopic(
  subscriptions: readonly SeenSubscription[],
  topicArn: string,
  queueArn: string,
): Verdict {
  const ours = subscriptions.filter(
    (each) => each.topicArn === topicArn && (isDoor(each) || isQueue(each, queueArn)),
  );
  const confirmed = ours.find(({ state }) => state === "confirmed");
  if (confirmed !== undefined && isDoor(confirmed))
    return warn(
      `It posts to ${confirmed.endpoint}, which doctor cannot try.`,
      `Compare it with the stack's output snsUrl. The queue is surer. ${subscribeCommand(topicArn, queueArn)}`,
    );
  if (confirmed !== undefined) return pass(`It sends to ${queueArn}.`);
  const pending = ours.find(({ state }) => state === "pending");
  if (pending !== undefined)
    return fail(
      `The subscription of ${pending.endpoint} waits for its confirmation: nothing is sent. The intake confirms by itself within a minute; a token is good for two days.`,
      `Ask for a new token. ${subscribeCommand(topicArn, queueArn)} Then look for ConfirmSubscription in the log of the function intake.`,
    );
  const [deleted] = ours;
  if (deleted !== undefined)
    return fail(
      `The subscription of ${deleted.endpoint} was deleted, within the last three days: nothing is sent any more.`,
      `Find out who ended it: CloudTrail of the seller's account has the call Unsubscribe, if there was one. ${subscribeCommand(topicArn, queueArn)}`,
    );
  return fail(
    `Nothing of ours is subscribed to ${topicArn}: subscriptions of this listing come and go unheard.`,
    subscribeCommand(topicArn, queueArn),
  );
}

const isQueue = ({ protocol, endpoint }: SeenSubscription, queueArn: string): boolean =>
  protocol === "sqs" && endpoint === queueArn;

/**
 * Who else hears of the seller's buyers. While another integration is being replaced that may be meant. Doctor does not know the
 * address of the intake's second door, so that every HTTPS endpoint may be somebody else's.
 */
export function judgeListeners(
  subscriptions: readonly SeenSubscription[],
  topicArns: readonly string[],
  queueArn: string,
): Verdict {
  const others = subscriptions.filter(
    (each) => topicArns.includes(each.topicArn) && each.state !== "deleted" && !isQueue(each, queueArn),
  );
  if (others.length === 0) return pass("Nobody else is subscribed.");
  return warn(
    `${others.map(({ protocol, endpoint, topicArn }) => `${protocol} ${endpoint} hears ${topicArn}`).join("; ")}.`,
    "Of an HTTPS endpoint, compare the stack's output snsUrl. If it is not yours, end it as the seller: find its ARN with `aws sns list-subscriptions --region us-east-1`, then `aws sns unsubscribe --region us-east-1 --subscription-arn <ARN>`.",
  );
}

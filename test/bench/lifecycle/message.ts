import { analyticsCode, mailerCode } from "@tollhouse/core/memory/example";
import type { ResolvedBuyer } from "@tollhouse/core/lifecycle/register";

/**
 * Messages of AWS Marketplace about many buyers, as SNS and EventBridge put them into a queue: new buyers, later news of
 * known ones, and repeats. The same seed gives the same messages.
 */
export interface Supply {
  take(count: number): readonly string[];
  /** Buyers that arrived since the last call, less those who never come to the registration page. */
  registrations(): readonly ResolvedBuyer[];
}

interface Buyer {
  readonly number: number;
  readonly by: "customer" | "license";
}
type News = "arrival" | "change" | "departure" | "repeat";

/** Of a hundred pieces of news. Arrival and departure are two messages where a license is concerned, departure also with SNS. */
const mix: readonly (readonly [News, Buyer["by"], number])[] = [
  ["arrival", "customer", 25],
  ["arrival", "license", 25],
  ["change", "license", 20],
  ["departure", "customer", 10],
  ["departure", "license", 10],
  ["repeat", "license", 10],
];
const registeringShare = 0.9;
/** The second message of a piece of news comes at most so many messages after the first. */
const longestDelay = 20;
const startMs = Date.UTC(2026, 9, 1);

export function makeSupply(seed: number): Supply {
  const random = randomFrom(seed);
  const pick = <Value>(values: readonly Value[]): Value | undefined =>
    values[Math.floor(random() * values.length)];
  const known: Buyer[] = [];
  const arrived: Buyer[] = [];
  const sent: string[] = [];
  let waiting: { place: number; body: string }[] = [];
  let buyerCount = 0;
  let messageCount = 0;
  let newsCount = 0;

  const arrival = (by: Buyer["by"]): readonly string[] => {
    buyerCount += 1;
    const buyer = { number: buyerCount, by };
    arrived.push(buyer);
    return write(
      buyer,
      by === "customer" ? ["subscribe-success"] : ["Purchase Agreement Created", "License Updated"],
    );
  };
  const write = (buyer: Buyer, kinds: readonly string[]): readonly string[] =>
    kinds.map((kind) => {
      messageCount += 1;
      return (buyer.by === "customer" ? snsMessage : eventBridgeEvent)(buyer.number, kind, messageCount);
    });
  const tell = (news: News, by: Buyer["by"]): readonly string[] => {
    const buyer = pick(known.filter((each) => each.by === by));
    const earlier = pick(sent);
    switch (news) {
      case "arrival":
        return arrival(by);
      case "change":
        return buyer === undefined ? arrival(by) : write(buyer, ["License Updated"]);
      case "departure":
        if (buyer === undefined) return arrival(by);
        known.splice(known.indexOf(buyer), 1);
        return write(
          buyer,
          by === "customer"
            ? ["unsubscribe-pending", "unsubscribe-success"]
            : ["Purchase Agreement Ended", "License Deprovisioned"],
        );
      case "repeat":
        return earlier === undefined ? arrival(by) : [earlier];
      default:
        return news satisfies never;
    }
  };
  const choose = (): readonly [News, Buyer["by"]] => {
    let left = random() * 100;
    for (const [news, by, share] of mix) if ((left -= share) < 0) return [news, by];
    return ["arrival", "customer"];
  };

  return {
    take(count) {
      while (waiting.length < count + longestDelay * 2) {
        newsCount += 1;
        for (const [index, body] of tell(...choose()).entries())
          waiting.push({ place: newsCount + (index === 0 ? 0 : 1 + random() * longestDelay), body });
      }
      waiting.sort((a, b) => a.place - b.place);
      const taken = waiting.slice(0, count).map(({ body }) => body);
      waiting = waiting.slice(count);
      sent.push(...taken);
      return taken;
    },
    registrations() {
      const coming = arrived.splice(0);
      known.push(...coming);
      return coming.filter(() => random() < registeringShare).map(resolved);
    },
  };
}

const account = (number: number) => String(100_000_000_000 + number);
const customer = (number: number) => `X${String(number).padStart(10, "0")}`;
const licenseArn = (number: number) =>
  `arn:aws:license-manager::294406891311:license:l-${number.toString(16).padStart(32, "0")}`;

const resolved = ({ number, by }: Buyer): ResolvedBuyer =>
  by === "customer"
    ? { productCode: mailerCode, customerIdentifier: customer(number), buyerAccountId: account(number) }
    : { productCode: analyticsCode, licenseArn: licenseArn(number), buyerAccountId: account(number) };

const idOf = (message: number) => `5d2f8a10-7c41-4f0e-9b7e-${message.toString(16).padStart(12, "0")}`;
const timeOf = (message: number) => new Date(startMs + message * 1_000).toISOString();

/** SNS Developer Guide, "HTTP/HTTPS notification JSON format"; a queue is given the same envelope. */
const snsMessage = (number: number, action: string, message: number): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: idOf(message),
    TopicArn: `arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-${mailerCode}`,
    Message: JSON.stringify({
      action,
      "customer-identifier": customer(number),
      "product-code": mailerCode,
      "offer-identifier": `offer-${number}`,
      isFreeTrialTermPresent: "false",
    }),
    Timestamp: timeOf(message),
    SignatureVersion: "1",
    Signature: "x".repeat(344),
    SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
    UnsubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:x",
  });

/** Seller Guide, "Amazon EventBridge events" (read 2026). */
const eventBridgeEvent = (number: number, detailType: string, message: number): string => {
  const agreementId = `agmt-${number.toString(36).padStart(20, "0")}`;
  return JSON.stringify({
    version: "0",
    id: idOf(message),
    "detail-type": `${detailType} - ${detailType.startsWith("License") ? "Manufacturer" : "Proposer"}`,
    source: "aws.agreement-marketplace",
    account: configurationAccount,
    time: timeOf(message).replace(/\.\d+Z$/, "Z"),
    region: "us-east-1",
    resources: [`arn:aws:aws-marketplace::aws:agreement:${agreementId}`],
    detail: {
      requestId: idOf(message),
      catalog: "AWSMarketplace",
      agreement: {
        id: agreementId,
        intent: "NEW",
        status: detailType.endsWith("Ended") ? "CANCELLED" : "ACTIVE",
        acceptanceTime: "2026-10-01T00:00:00.000Z",
        startTime: "2026-10-01T00:00:00.000Z",
        endTime: "2027-09-30T23:59:59.999Z",
      },
      acceptor: { accountId: account(number) },
      proposer: { accountId: configurationAccount },
      manufacturer: { accountId: configurationAccount },
      product: { id: "prod-4exampleanalytics", code: analyticsCode, title: "Example Analytics" },
      license: { arn: licenseArn(number) },
      offer: { id: `offer-${number}`, name: "Public offer" },
    },
  });
};

const configurationAccount = "111122223333";

/** Numbers from 0 to below 1: the linear congruential generator of Numerical Recipes, enough to mix messages. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import type { Subscription } from "@tollhouse/core/lifecycle/subscription";

/** What a buyer is told of the subscription. */
export interface Standing {
  /** How it looks: under way, in force, or in need of something. */
  readonly tone: "waiting" | "good" | "ended";
  readonly title: string;
  readonly text: string;
  /** Nothing more is expected: the page need not ask again soon. */
  readonly settled: boolean;
}

const licenseAwaited: Standing = {
  tone: "waiting",
  title: "You are registered",
  text: "AWS is still preparing your license, which takes about a minute. You can go on already; your subscription is connected as soon as the license is there.",
  settled: false,
};

const unconfirmed: Standing = {
  tone: "waiting",
  title: "You are registered",
  text: "AWS has not confirmed the subscription yet, which takes a minute or two. You can go on already; it becomes active by itself.",
  settled: false,
};

const ended: Standing = {
  tone: "ended",
  title: "This subscription has ended",
  text: "You can log in to an account that you have. To use the product again, subscribe on AWS Marketplace once more.",
  settled: true,
};

/** @param subscription `undefined` while AWS has not named the license */
export function standingOf(subscription: Subscription | undefined): Standing {
  if (subscription === undefined) return licenseAwaited;
  const { grant } = subscription;
  switch (grant.state) {
    case "unknown":
      return unconfirmed;
    case "pending":
      return grant.startsAt === undefined ? unconfirmed : startsAt(grant.startsAt);
    case "active":
      return {
        tone: "good",
        title: "Your subscription is active",
        text: "AWS has confirmed it, and your registration is connected with it. You can start right away.",
        settled: true,
      };
    case "cancelling":
    case "ended":
      return ended;
    case "failed":
      return {
        tone: "ended",
        title: "AWS could not complete the subscription",
        text: "Mostly the payment failed. Look at the payment method in the AWS Billing console, then subscribe on AWS Marketplace again. Nothing has been charged for this one.",
        settled: true,
      };
    default:
      return grant satisfies never;
  }
}

const startsAt = (at: number): Standing => ({
  tone: "waiting",
  title: "You are registered",
  text: `Your subscription starts on ${dateOf(at)} (UTC). You can set up your account already; it becomes active by itself.`,
  settled: true,
});

const dateOf = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(at);

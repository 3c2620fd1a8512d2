import type { Notification } from "../rules/notification/notification.ts";
import { destinationOf } from "../rules/sns/confirm.ts";
import type { Post } from "./http-endpoint.ts";
import type { Send } from "./queue.ts";
import { type Signer, snsEnvelope } from "./sns-envelope.ts";
import type { SellerAccount } from "./seller-account.ts";
import type { World } from "./world.ts";

/** How often and after which pauses, in machine time, a message that was not taken is tried again. */
interface Patience {
  readonly maxAttempts: number;
  readonly pauseMs: (attempts: number) => number;
}

/** EventBridge gives up after 185 attempts (User Guide, "How EventBridge retries delivering events"). */
const ofQueues: Patience = {
  maxAttempts: 185,
  pauseMs: (attempts) => Math.min(100 * 2 ** Math.min(attempts - 1, 20), 10_000),
};

/** An endpoint is tried three times more, 20 seconds apart (SNS Developer Guide, default HTTP/S delivery policy). */
const ofEndpoints: Patience = { maxAttempts: 4, pauseMs: () => 20_000 };

/** The ways to the seller: his queue, and the HTTP endpoints that have confirmed. */
export class Transport {
  readonly #world: World;
  readonly #account: SellerAccount;
  readonly #send: Send;
  readonly #post: Post;
  readonly #queueUrl: string;
  readonly #signer: () => Signer;

  constructor(parts: {
    readonly world: World;
    readonly account: SellerAccount;
    readonly send: Send;
    readonly post: Post;
    readonly queueUrl: string;
    readonly signer: () => Signer;
  }) {
    this.#world = parts.world;
    this.#account = parts.account;
    this.#send = parts.send;
    this.#post = parts.post;
    this.#queueUrl = parts.queueUrl;
    this.#signer = parts.signer;
  }

  /** Brings the message to where it belongs. One for an endpoint that has not confirmed is not sent at all, as by SNS. */
  async bring(notification: Notification): Promise<void> {
    const destination = this.#destinationOf(notification);
    if (destination === "nowhere") return;
    const { content } = notification;
    const body =
      content.channel === "eventbridge" ? content.event : snsEnvelope(notification, content, this.#signer());
    if (destination === "queue") await this.#send(this.#queueUrl, JSON.stringify(body));
    else await this.#post(destination, body as Readonly<Record<string, string>>);
  }

  patienceFor(notification: Notification): Patience {
    return typeof this.#destinationOf(notification) === "object" ? ofEndpoints : ofQueues;
  }

  #destinationOf(notification: Notification) {
    const destination = destinationOf(this.#world.catalogue, this.#world.state, notification);
    return destination === "queue" && !this.#isPassedOn(notification) ? "nowhere" : destination;
  }

  /** The queue gets what the seller's account passes on to it. */
  #isPassedOn({ content }: Notification): boolean {
    switch (content.channel) {
      case "eventbridge":
        return this.#account.passesEvents();
      case "sns-confirmation":
        return true;
      case "sns":
        return this.#account.passesTopic(content.topicArn);
    }
  }
}

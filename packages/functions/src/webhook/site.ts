import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import { CertificateUnavailableError, type Certificates } from "@tollhouse/aws/sns/certificate";
import {
  readSignedMessage,
  refusalOf,
  type SignatureRefusal,
  type SignedMessage,
} from "@tollhouse/aws/sns/signature";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { topicArns } from "@tollhouse/core/configuration/topic";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import { dayMs, parseInstant } from "@tollhouse/core/time/instant";
import { Hono } from "hono/tiny";
import { bodyLimit } from "hono/body-limit";
import { type NotificationPorts, takeNotification } from "../intake/take-notification.ts";
import type { Verdict } from "../queue-consumer.ts";

/** SNS carries 256 KiB; Marketplace's messages have a few hundred bytes. */
const maxBodyBytes = 262_144;

export type SnsPorts = NotificationPorts & {
  readonly certificates: Certificates;
  readonly quarantine: Pick<Quarantine, "put">;
  readonly measure: Measure;
};

type Refusal = SignatureRefusal | "no-sns-message" | "topic-unknown";

/**
 * Where SNS posts when it is subscribed with HTTPS. What SNS did not sign, or signed for another topic, has no effect. For SNS
 * a 4xx is final and a 5xx is tried again, so a message of our topics is answered 200 once it is stored, in the quarantine if
 * nowhere else, and 5xx until then.
 */
export function snsSite(ports: SnsPorts, configuration: Configuration, logger: Logger): Hono {
  const site = new Hono();
  const topics = new Set(topicArns(configuration));
  site.post(
    "/sns",
    bodyLimit({ maxSize: maxBodyBytes, onError: (context) => context.json({ code: "too-large" }, 413) }),
    async (context) => {
      const body = await context.req.text();
      const message = await admit(ports, topics, body);
      if ("refusal" in message) {
        logger.warn("Post refused", { door: "webhook", ...message });
        return context.json({ code: message.refusal }, statusFor(message.refusal));
      }
      return context.json(await take(ports, configuration, logger, message));
    },
  );
  site.notFound((context) => context.json({ code: "not-found" }, 404));
  site.onError((error, context) => {
    logger.error("SNS message failed; SNS sends it again", error);
    return error instanceof CertificateUnavailableError
      ? context.json({ code: error.code }, 503)
      : context.json({ code: "failed" }, 500);
  });
  return site;
}

const statusFor = (refusal: Refusal) => (refusal === "no-sns-message" ? 400 : 403);

/** SNS's message of one of our topics, or why it is none. The cheap questions come first: they cost an attacker nothing and us little. The content
 * type is none of them: a delivery policy may set it, and the signature says what matters. */
async function admit(
  { certificates }: SnsPorts,
  topics: ReadonlySet<string>,
  body: string,
): Promise<SignedMessage | { readonly refusal: Refusal; readonly topicArn?: string }> {
  const message = readSignedMessage(body, maxBodyBytes);
  if (message === undefined) return { refusal: "no-sns-message" };
  const topicArn = message.TopicArn;
  if (!topics.has(topicArn)) return { refusal: "topic-unknown", topicArn };
  const refusal = await refusalOf(message, certificates);
  return refusal === undefined ? message : { refusal, topicArn };
}

async function take(
  ports: SnsPorts,
  configuration: Configuration,
  logger: Logger,
  message: SignedMessage,
): Promise<{ readonly outcome: "taken" | "quarantined" }> {
  // What was posted may hold more than SNS signed, and that more must not be read, now or when it is replayed.
  const body = JSON.stringify(message);
  const correlation = { door: "webhook", messageId: message.MessageId, topicArn: message.TopicArn };
  await flagOld(ports, logger, message, correlation);
  const verdict = await takeNotification(ports, configuration, body);
  if ("refused" in verdict) {
    await quarantine(ports, message, body, verdict.refused);
    ports.measure({ Quarantined: 1 });
    logger.warn("Message quarantined", { ...correlation, reason: verdict.refused });
    return { outcome: "quarantined" };
  }
  if (verdict.counts !== undefined) ports.measure(verdict.counts);
  tell(logger, correlation, verdict);
  return { outcome: "taken" };
}

function tell(logger: Logger, correlation: object, verdict: Extract<Verdict, { done: unknown }>): void {
  const said = { ...correlation, ...verdict.done };
  if (verdict.warning === undefined) logger.info("Message taken", said);
  else logger.warn(verdict.warning, said);
}

/** SNS itself gives up after an hour at most, so an old message was kept by somebody. Taking it is harmless: a fact counts once, at its own time. */
async function flagOld(
  { clock }: SnsPorts,
  logger: Logger,
  { Timestamp }: SignedMessage,
  correlation: object,
): Promise<void> {
  const sentAt = parseInstant(Timestamp);
  if (sentAt === undefined || (await clock.now()) - sentAt <= dayMs) return;
  logger.warn("Message is older than a day; it is taken all the same", { ...correlation, sentAt: Timestamp });
}

/** Under SNS's own id, which stays the same when it is sent again. Replayed, it goes in by the intake. */
async function quarantine(
  ports: SnsPorts,
  { MessageId }: SignedMessage,
  body: string,
  reason: string,
): Promise<void> {
  const quarantinedAt = await ports.clock.now();
  await ports.quarantine.put([
    { id: `intake:sns:${MessageId}`, quarantinedAt, door: "intake", reason, body },
  ]);
}

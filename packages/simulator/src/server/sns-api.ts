import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { confirmSubscription } from "../rules/sns/confirm.ts";
import type { World } from "./world.ts";

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/**
 * Answers ConfirmSubscription (SNS API reference), whose token is all it asks for: an endpoint's owner has no keys of the
 * topic's account.
 */
export function answerConfirmation(world: World, context: Context, form: URLSearchParams): Response {
  const request = { topicArn: form.get("TopicArn") ?? "", token: form.get("Token") ?? "" };
  const outcome = world.carryOut(confirmSubscription(world.state, request, world.nowMs()));
  context.header("content-type", "text/xml");
  if ("refusal" in outcome)
    return context.body(
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${outcome.refusal.code}</Code>` +
        `<Message>${outcome.refusal.message}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
      400,
    );
  return context.body(
    `<ConfirmSubscriptionResponse xmlns="${namespace}"><ConfirmSubscriptionResult>` +
      `<SubscriptionArn>${outcome.answer.subscriptionArn}</SubscriptionArn></ConfirmSubscriptionResult>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></ConfirmSubscriptionResponse>`,
  );
}

/** The address that a confirmation message names. */
export function confirmationRoutes(world: World): Hono {
  const routes = new Hono();
  routes.get("/", async (context, next) => {
    const query = new URL(context.req.url).searchParams;
    return query.get("Action") === "ConfirmSubscription" ? answerConfirmation(world, context, query) : next();
  });
  return routes;
}

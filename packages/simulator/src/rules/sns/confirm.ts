import { type Catalogue, findProduct, hasContract, type Product, speaksSns } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { subscriptionTokenOf, uuidOf } from "../identity.ts";
import type { Notification } from "../notification/notification.ts";
import { type Topic, topicArn as topicArnOf } from "../notification/sns-message.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { dayMs } from "../time.ts";
import { type SnsSubscription, subscriptionKey } from "./subscription.ts";

/** SNS API reference, ConfirmSubscription: a token is valid for two days. */
const tokenLifeMs = 2 * dayMs;

const topicsOf = (product: Product): Topic[] =>
  hasContract(product) ? ["subscription", "entitlement"] : ["subscription"];

/** Subscribes an endpoint to a topic of the listing: SNS asks it to confirm. Refuses a listing without that topic. */
export function subscribeEndpoint(
  catalogue: Catalogue,
  state: State,
  { productCode, topic, endpoint }: { productCode: string; topic: Topic; endpoint: string },
  nowMs: number,
): Decision<SnsSubscription> {
  const product = findProduct(catalogue, productCode);
  if (product === undefined)
    return refused(refusal("product-unknown", `no product has the code ${productCode}`));
  if (!speaksSns(product) || !topicsOf(product).includes(topic))
    return refused(refusal("no-topic", `${productCode} has no ${topic} topic`));
  const counter = state.counter + 1;
  const topicArn = topicArnOf(catalogue, topic, productCode);
  const subscription: SnsSubscription = {
    topicArn,
    endpoint,
    subscriptionArn: `${topicArn}:${uuidOf(state.seed, topicArn, endpoint)}`,
    token: subscriptionTokenOf(state.seed, counter),
    askedAtMs: nowMs,
    confirmedAtMs: null,
  };
  return decided(subscription, [
    { kind: "counted", counter },
    { kind: "sns-subscription-stored", subscription },
    { kind: "notification-planned", notification: confirmationOf(state.seed, subscription) },
  ]);
}

function confirmationOf(
  seed: string,
  { topicArn, endpoint, token, askedAtMs }: SnsSubscription,
): Notification {
  return {
    id: uuidOf(seed, "subscription-confirmation", token),
    kind: "subscription-confirmation",
    agreementId: null,
    dueAtMs: askedAtMs,
    content: { channel: "sns-confirmation", topicArn, endpoint, token },
  };
}

/** The next endpoint of the configuration that SNS has not asked yet; `undefined` when all were. */
export function subscribeConfigured(
  catalogue: Catalogue,
  state: State,
  nowMs: number,
): Decision<SnsSubscription> | undefined {
  const [next] = catalogue.products
    .filter(speaksSns)
    .flatMap((product) =>
      topicsOf(product).map((topic) => ({
        productCode: product.code,
        topic,
        topicArn: topicArnOf(catalogue, topic, product.code),
        endpoint: product.notificationEndpoint,
      })),
    )
    .flatMap(({ endpoint, ...rest }) => (endpoint === undefined ? [] : [{ ...rest, endpoint }]))
    .filter((wanted) => !Object.hasOwn(state.snsSubscriptions, subscriptionKey(wanted)));
  return next && subscribeEndpoint(catalogue, state, next, nowMs);
}

/** Confirms the subscription that the token is for, any number of times. Refuses an unknown and an old token. */
export function confirmSubscription(
  state: State,
  request: { readonly topicArn: string; readonly token: string },
  nowMs: number,
): Decision<SnsSubscription> {
  const subscription = Object.values(state.snsSubscriptions).find(
    ({ topicArn, token }) => topicArn === request.topicArn && token === request.token,
  );
  if (subscription === undefined || nowMs >= subscription.askedAtMs + tokenLifeMs)
    return refused(refusal("InvalidParameter", "Invalid parameter: Token"));
  if (subscription.confirmedAtMs !== null) return decided(subscription);
  const confirmed = { ...subscription, confirmedAtMs: nowMs };
  return decided(confirmed, [{ kind: "sns-subscription-stored", subscription: confirmed }]);
}

/** Where a message goes: to the queue, to a confirmed endpoint, or nowhere while an endpoint has not confirmed. */
export function destinationOf(
  catalogue: Catalogue,
  state: State,
  { content }: Notification,
): "queue" | "nowhere" | Pick<SnsSubscription, "endpoint" | "subscriptionArn"> {
  if (content.channel === "eventbridge") return "queue";
  const { topicArn } = content;
  const configured = catalogue.products.find(({ code }) => topicArn.endsWith(`-notification-${code}`));
  const endpoint =
    content.channel === "sns-confirmation" ? content.endpoint : (configured?.notificationEndpoint ?? "queue");
  if (endpoint === "queue") return "queue";
  const subscription = state.snsSubscriptions[subscriptionKey({ topicArn, endpoint })];
  if (content.channel === "sns-confirmation") return { endpoint, subscriptionArn: "PendingConfirmation" };
  return subscription === undefined || subscription.confirmedAtMs === null ? "nowhere" : subscription;
}

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { SimulatorConfigurationInput } from "@tollhouse/simulator/server/configuration";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Envelope, fetchTrusting, isSigned } from "./simulator-signature.ts";
import { configurationInput, startQueues, startWorld } from "./simulator-world.ts";

let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  queues = await startQueues("intake");
});
afterAll(() => queues.close());

/** An endpoint that keeps what was posted to it. */
async function startEndpoint() {
  const posted: { headers: IncomingHttpHeaders; envelope: Envelope }[] = [];
  const answers = { status: 200 };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      posted.push({ headers: request.headers, envelope: JSON.parse(text) as Envelope });
      // Wherever it would send the message on to, that place would take it.
      const status = request.url === "/elsewhere" ? 200 : answers.status;
      response.writeHead(status, { location: "/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const take = () => posted.splice(0);
  return { url: `http://127.0.0.1:${port}/sns`, take, answers };
}

async function begin(change: Partial<SimulatorConfigurationInput> = {}, endpoint?: string) {
  await queues.drain("intake");
  const products = configurationInput(queues.url).products.map((product) =>
    product.code === "old-metered" ? { ...product, notificationEndpoint: endpoint } : product,
  );
  const world = await startWorld(queues.url, { products, confirmSubscriptionOver: "http", ...change });
  onTestFinished(() => world.close());
  const subscriptions = async () =>
    (await world.call("GET", "/subscriptions")).body["subscriptions"] as Record<string, unknown>[];
  return { world, subscriptions };
}

describe("messages of an old listing to an HTTP endpoint", () => {
  it.each(["1", "2"] as const)(
    "come once the endpoint has confirmed, with SNS's headers and signature %s",
    async (snsSignatureVersion) => {
      const endpoint = await startEndpoint();
      const { world, subscriptions } = await begin({ snsSignatureVersion }, endpoint.url);
      await world.flush();
      const certificate = async (envelope: Envelope) =>
        fetchTrusting(envelope["SigningCertURL"] ?? "", world.caPem);

      const [confirmation, ...others] = endpoint.take();
      expect(others).toEqual([]);
      const { headers = {}, envelope = {} } = confirmation ?? {};
      expect(envelope["Type"]).toBe("SubscriptionConfirmation");
      expect(headers).toMatchObject({
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": "SubscriptionConfirmation",
        "x-amz-sns-message-id": envelope["MessageId"],
        "x-amz-sns-topic-arn":
          "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-old-metered",
      });
      expect(isSigned(envelope, await certificate(envelope))).toBe(true);
      const elsewhere = { ...envelope, SubscribeURL: "http://elsewhere.example" };
      expect(isSigned(elsewhere, await certificate(envelope))).toBe(false);

      await world.subscribe("old-metered");
      await world.advance(10);
      await world.flush();
      expect(endpoint.take()).toEqual([]);

      expect(await (await fetch(envelope["SubscribeURL"] ?? "")).text()).toContain("<SubscriptionArn>");
      const [{ subscriptionArn, confirmedAt } = {}] = await subscriptions();
      expect(confirmedAt).not.toBeNull();
      await world.subscribe("old-metered", { buyerAccountId: "210987654321" });
      await world.advance(10);
      await world.flush();
      const [message] = endpoint.take();
      expect(message).toMatchObject({
        envelope: { Type: "Notification" },
        headers: { "x-amz-sns-message-type": "Notification", "x-amz-sns-subscription-arn": subscriptionArn },
      });
      expect(isSigned(message?.envelope ?? {}, await certificate(envelope))).toBe(true);
      expect(await queues.drain("intake")).toEqual([]);
    },
  );

  it.each([
    ["three times and no more after a server's error", 503, 4],
    ["three times and no more when they are too many", 429, 4],
    ["not at all when they are refused", 403, 1],
  ])("are tried again under the same id: %s", async (_, status, attempts) => {
    const endpoint = await startEndpoint();
    endpoint.answers.status = status;
    const { world } = await begin({}, endpoint.url);
    for (let times = 0; times < 10; times += 1) await world.flush();
    const ids = endpoint.take().map(({ envelope }) => envelope["MessageId"]);
    expect(ids).toHaveLength(attempts);
    expect(new Set(ids).size).toBe(1);
    expect((await world.call("GET", "/notifications")).body["pending"]).toEqual([]);
  });

  it("are not sent after a redirection", async () => {
    const endpoint = await startEndpoint();
    endpoint.answers.status = 307;
    const { world } = await begin({}, endpoint.url);
    await world.flush();
    expect((await world.call("GET", "/notifications")).body["pending"]).toHaveLength(1);
  });
});

describe("a confirmation that is asked for", () => {
  const ask = async (change: Partial<SimulatorConfigurationInput> = {}) => {
    const { world, subscriptions } = await begin(change);
    const answer = await world.call("POST", "/subscriptions", {
      productCode: "old-contract",
      topic: "entitlement",
    });
    await world.flush();
    const [envelope] = (await queues.drain("intake")) as Envelope[];
    const post = (form: { Token?: string; TopicArn: string }) =>
      fetch(world.url, {
        method: "POST",
        body: new URLSearchParams({ Action: "ConfirmSubscription", ...form }),
      });
    return { world, subscriptions, answer, envelope: envelope ?? {}, post };
  };

  it("comes to the queue, signed, and is given by visiting its address over TLS", async () => {
    const { world, subscriptions, answer, envelope } = await ask({ confirmSubscriptionOver: "https" });
    expect(answer).toMatchObject({ status: 201, body: { endpoint: "queue", confirmedAt: null } });
    expect(JSON.stringify(answer.body)).not.toContain(envelope["Token"]);
    expect(new URL(envelope["SubscribeURL"] ?? "").origin).toBe(world.tlsUrl);
    const certificate = await fetchTrusting(envelope["SigningCertURL"] ?? "", world.caPem);
    expect(isSigned(envelope, certificate)).toBe(true);
    expect(await fetchTrusting(envelope["SubscribeURL"] ?? "", world.caPem)).toContain("<SubscriptionArn>");
    expect(await subscriptions()).toMatchObject([{ confirmedAt: "2026-08-20T14:23:11.013Z" }]);
  });

  it("is given through the API too, any number of times, by who holds the token for that topic", async () => {
    const { subscriptions, envelope, post } = await ask();
    const { Token = "", TopicArn = "" } = envelope;
    const wrong = [{ Token: "guessed", TopicArn }, { Token, TopicArn: `${TopicArn}x` }, { TopicArn: "" }];
    for (const form of wrong) {
      const refused = await post(form);
      expect([refused.status, await refused.text()]).toEqual([
        400,
        expect.stringContaining("<Code>InvalidParameter</Code>"),
      ]);
    }
    expect(await subscriptions()).toMatchObject([{ confirmedAt: null }]);
    for (let times = 0; times < 2; times += 1) expect((await post({ Token, TopicArn })).status).toBe(200);
    expect(await subscriptions()).toMatchObject([{ confirmedAt: "2026-08-20T14:23:11.013Z" }]);
  });

  it("can no longer be given after two days", async () => {
    const { world, envelope, post } = await ask();
    await world.advance(2 * 86_400);
    const { Token = "", TopicArn = "" } = envelope;
    expect((await post({ Token, TopicArn })).status).toBe(400);
  });

  it("is refused for a topic that the listing does not have", async () => {
    const { world } = await begin();
    for (const body of [{ productCode: "new-metered" }, { productCode: "old-metered", topic: "entitlement" }])
      expect(await world.call("POST", "/subscriptions", body)).toMatchObject({
        status: 400,
        body: { code: "no-topic" },
      });
  });
});

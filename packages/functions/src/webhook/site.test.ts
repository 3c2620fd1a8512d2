import { makeLogger } from "@tollhouse/aws/logging/logger";
import type { Measured } from "@tollhouse/aws/metric/measure";
import { snsCertificates } from "@tollhouse/aws/sns/certificate";
import {
  confirmation,
  type ExampleKey,
  exampleKey,
  notification,
  serve,
  signed,
  topicArn,
} from "@tollhouse/aws/sns/example";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { snsSite } from "./site.ts";

const now = at("2026-08-20T15:00:00Z");
let key: ExampleKey;
let place: Awaited<ReturnType<typeof serve>>;
let certificateStatus = 200;
beforeAll(async () => {
  key = await exampleKey();
  place = await serve((_, response) => response.writeHead(certificateStatus).end(key.certificatePem));
});
afterAll(() => place.close());
afterEach(() => {
  certificateStatus = 200;
  vi.restoreAllMocks();
});

type Store = ReturnType<typeof memoryLifecycle>["store"];

/** The site with everything behind it in memory; what it logged and told SNS can be looked at. */
function door(change: (store: Store) => Partial<Store> = () => ({}), keeps = true) {
  const { store } = memoryLifecycle();
  const stored: unknown[] = [];
  const confirmed: string[] = [];
  const measured: Measured[] = [];
  const quarantine = memoryQuarantine();
  const logger = makeLogger();
  const warn = vi.spyOn(logger, "warn").mockImplementation(() => undefined);
  const error = vi.spyOn(logger, "error").mockImplementation(() => undefined);
  vi.spyOn(logger, "info").mockImplementation((...[message, extra]) => {
    stored.push({ message, extra });
  });
  const ports = {
    store: { ...store, ...change(store) },
    quarantine: keeps ? quarantine : { put: () => Promise.reject(new Error("table is out of order")) },
    clock: { now: () => Promise.resolve(now) },
    waker: { wake: () => Promise.resolve() },
    confirmer: {
      confirm: ({ topicArn }: { topicArn: string }) => {
        confirmed.push(topicArn);
        return Promise.resolve("confirmed" as const);
      },
    },
    certificates: snsCertificates(place.origin),
    measure: (each: Measured) => void measured.push(each),
  };
  const site = snsSite(ports, exampleConfiguration, logger);
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await site.request("/sns", {
      method: "POST",
      headers: { "content-type": "text/plain; charset=UTF-8", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };
  const kept = async () => (await quarantine.list(now, 10)).map(({ id }) => id);
  return { site, post, stored, measured, confirmed, quarantine, kept, warn, error };
}

const sign = (fields: Readonly<Record<string, string>>, version = "2") =>
  signed(fields, key, version, place.certificateUrl);
const taken = [200, { outcome: "taken" }];
const storedAs = (outcome: string) => [
  expect.objectContaining({ extra: expect.objectContaining({ outcome }) as unknown }) as unknown,
];

describe("a message that SNS signed for one of our topics", () => {
  test.each(["1", "2"])("is filed as its fact, with signature version %s", async (version) => {
    const { post, stored } = door();
    expect(await post(sign(notification(), version))).toEqual(taken);
    expect(stored).toEqual(storedAs("stored"));
  });

  test("is accepted again and changes nothing", async () => {
    const { measured, post, stored } = door();
    await post(sign(notification()));
    stored.length = 0;
    expect(await post(sign(notification()))).toEqual(taken);
    expect(stored).toEqual(storedAs("known"));
    expect(measured).toEqual([{ FactsStored: 1 }, { FactsStored: 0 }]);
  });

  test.each([
    ["2026-08-19T14:59:59.999Z", true],
    ["2026-08-19T15:00:00.000Z", false],
    ["2026-08-20T14:59:00.000Z", false],
  ])("of %s is taken; it is flagged as old: %s", async (Timestamp, isOld) => {
    const { post, stored, warn } = door();
    expect(await post(sign(notification({ Timestamp })))).toEqual(taken);
    expect(stored).toEqual(storedAs("stored"));
    expect(warn.mock.calls.map(([message]) => message)).toEqual(
      isOld ? [expect.stringMatching(/older than a day/)] : [],
    );
  });

  test("that nobody can use is answered 500 until it is kept", async () => {
    const { post } = door(undefined, false);
    const useless = sign(notification({ Message: "not JSON" }));
    expect((await post(useless))[0]).toBe(500);
  });

  test("that nobody can use is kept whole, once, and answered 200", async () => {
    const { post, stored, measured, quarantine, kept } = door();
    const useless = sign(notification({ Message: "hello" }));
    for (let delivery = 0; delivery < 2; delivery += 1)
      expect(await post(useless)).toEqual([200, { outcome: "quarantined" }]);
    expect(await kept()).toEqual([`intake:sns:${useless["MessageId"] ?? ""}`]);
    const entry = await quarantine.get(`intake:sns:${useless["MessageId"] ?? ""}`);
    expect(entry?.reason).toMatch(/its Message is not valid JSON/);
    expect(JSON.parse(entry?.body ?? "")).toEqual(useless);
    expect(stored).toEqual([]);
    expect(measured).toEqual([{ Quarantined: 1 }, { Quarantined: 1 }]);
  });

  test("says only what SNS signed: what was added is not read, and not kept to be replayed", async () => {
    const event = {
      id: "forged",
      "detail-type": "License Updated - Manufacturer",
      source: "aws.agreement-marketplace",
      time: "2026-08-20T14:24:23Z",
      detail: {},
    };
    const { post, stored, quarantine, kept } = door();
    expect(await post({ ...sign(notification()), ...event })).toEqual(taken);
    expect(stored).toEqual([
      expect.objectContaining({ extra: expect.objectContaining({ kind: "subscribe-succeeded" }) as unknown }),
    ]);
    await post({ ...sign(notification({ Message: "hello", MessageId: "other" })), ...event });
    expect(await kept()).toEqual(["intake:sns:other"]);
    expect((await quarantine.get("intake:sns:other"))?.body).not.toContain("detail-type");
  });

  test("is answered 500 when it cannot be stored, so that SNS sends it again", async () => {
    const { post, kept, error } = door(() => ({
      commit: () => Promise.reject(new Error("the table is away")),
    }));
    expect(await post(sign(notification()))).toEqual([500, { code: "failed" }]);
    expect(error).toHaveBeenCalledOnce();
    expect(await kept()).toEqual([]);
  });

  test("asking whether we want the topic is answered with yes", async () => {
    const { post, confirmed } = door();
    expect(await post(sign(confirmation("SubscriptionConfirmation")))).toEqual(taken);
    expect(confirmed).toEqual([topicArn]);
  });

  test("telling of the subscription's end is a warning and is not answered with another yes", async () => {
    const { post, confirmed, warn } = door();
    expect(await post(sign(confirmation("UnsubscribeConfirmation")))).toEqual(taken);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/ended a subscription/),
      expect.anything(),
    );
    expect(confirmed).toEqual([]);
  });
});

describe("a post that is not SNS's, or not of our topics", () => {
  const foreign = { TopicArn: topicArn.replace("287250355862", "666677778888") };
  test.each<[string, () => unknown, [number, object]]>([
    [
      "with another body than was signed",
      () => ({ ...sign(notification()), Message: notification()["Message"]?.replace("SAMPLE", "OTHER") }),
      [403, { code: "signature-invalid" }],
    ],
    ["of another topic, signed by SNS", () => sign(notification(foreign)), [403, { code: "topic-unknown" }]],
    [
      "asking to confirm another topic",
      () => sign(confirmation("SubscriptionConfirmation", foreign)),
      [403, { code: "topic-unknown" }],
    ],
    [
      "of another topic, said to be ours",
      () => ({ ...sign(notification(foreign)), TopicArn: topicArn }),
      [403, { code: "signature-invalid" }],
    ],
    [
      "with a certificate of another host",
      () =>
        signed(
          notification(),
          key,
          "2",
          "https://sns.us-east-1.amazonaws.com.example.com/SimpleNotificationService-1.pem",
        ),
      [403, { code: "certificate-refused" }],
    ],
    [
      "in a signature version that nobody knows",
      () => ({ ...sign(notification()), SignatureVersion: "3" }),
      [403, { code: "signature-version-unknown" }],
    ],
    ["without a signature", () => notification(), [400, { code: "no-sns-message" }]],
    ["that is no JSON", () => "hello", [400, { code: "no-sns-message" }]],
    [
      "that is too large",
      () => sign(notification({ Message: "x".repeat(262_144) })),
      [413, { code: "too-large" }],
    ],
  ])("%s is refused with a code and has no effect", async (_, body, answer) => {
    const { post, stored, confirmed, kept } = door();
    expect(await post(body())).toEqual(answer);
    expect([stored, confirmed, await kept()]).toEqual([[], [], []]);
  });

  test("to another address, or asked for, is refused", async () => {
    const { site } = door();
    expect((await site.request("/sns")).status).toBe(404);
    expect((await site.request("/sns/x", { method: "POST" })).status).toBe(404);
  });
});

test("while its certificate cannot be read, a message is answered 503, so that SNS sends it again", async () => {
  const { post, stored } = door();
  certificateStatus = 500;
  expect(await post(sign(notification()))).toEqual([503, { code: "certificate-unavailable" }]);
  expect(stored).toEqual([]);
  certificateStatus = 200;
  expect(await post(sign(notification()))).toEqual(taken);
});

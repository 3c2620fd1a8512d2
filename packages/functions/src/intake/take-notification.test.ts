import { topicArns } from "@tollhouse/core/configuration/topic";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import type { SubscriptionConfirmation } from "@tollhouse/aws/notification/reading";
import { describe, expect, test } from "vitest";
import { takeNotification } from "./take-notification.ts";

function door(answer: "confirmed" | { refused: string } = "confirmed") {
  const confirmations: SubscriptionConfirmation[] = [];
  const ports = {
    store: memoryLifecycle().store,
    clock: { now: () => Promise.resolve(at("2026-08-20T15:00:00Z")) },
    waker: { wake: () => Promise.resolve() },
    confirmer: {
      confirm: (confirmation: SubscriptionConfirmation) => {
        confirmations.push(confirmation);
        return Promise.resolve(answer);
      },
    },
  };
  const take = (message: object) => takeNotification(ports, exampleConfiguration, JSON.stringify(message));
  return { take, confirmations };
}

const [ourTopic = ""] = topicArns(exampleConfiguration);
const question = (TopicArn: string) => ({ Type: "SubscriptionConfirmation", TopicArn, Token: "token-7" });

describe("SNS's question whether we want a topic", () => {
  test("is answered with yes for each topic of our listings", async () => {
    const { take, confirmations } = door();
    for (const topicArn of topicArns(exampleConfiguration))
      expect(await take(question(topicArn))).toEqual({
        done: { outcome: "subscription-confirmed", topicArn },
      });
    expect(confirmations.map(({ topicArn }) => topicArn)).toEqual(topicArns(exampleConfiguration));
    expect(confirmations[0]?.token).toBe("token-7");
  });

  test.each([
    ["another account's", ourTopic.replace("287250355862", "666677778888")],
    ["another product's", `${ourTopic}-other`],
    ["another Region's", ourTopic.replace("us-east-1", "eu-west-1")],
  ])("is refused for %s topic, and nobody is told yes", async (_, topicArn) => {
    const { take, confirmations } = door();
    expect(await take(question(topicArn))).toEqual({
      refused: expect.stringContaining(`asks to confirm ${topicArn}`) as string,
    });
    expect(confirmations).toEqual([]);
  });

  test("is refused with SNS's reason when the token is too old", async () => {
    expect(await door({ refused: "too old" }).take(question(ourTopic))).toEqual({ refused: "too old" });
  });
});

test("SNS's word that a subscription has ended is a warning, and is not answered", async () => {
  const { take, confirmations } = door();
  const verdict = await take({ Type: "UnsubscribeConfirmation", TopicArn: ourTopic, Token: "token-8" });
  expect(verdict).toMatchObject({
    done: { outcome: "unsubscribed", topicArn: ourTopic },
    warning: expect.stringMatching(/ended a subscription/) as string,
  });
  expect(confirmations).toEqual([]);
});

const event = (detailType: string) => ({
  id: "89abcdef-0123-4567-89ab-cdef01234567",
  "detail-type": detailType,
  source: "aws.agreement-marketplace",
  time: "2026-08-20T14:24:23Z",
  detail: { agreement: { id: "agmt-7sample", daysBeforeEndTime: 30 } },
});

describe("an event that only informs", () => {
  test("is stored once, and a repeat changes nothing", async () => {
    const { take } = door();
    const ending = event("Purchase Agreement Ending - Proposer");
    const first = await take(ending);
    expect(first).toMatchObject({ done: { outcome: "stored", kind: "notice" }, counts: { FactsStored: 1 } });
    expect(first).not.toHaveProperty("warning");
    expect(await take(ending)).toMatchObject({ done: { outcome: "known" }, counts: { FactsStored: 0 } });
  });

  test("is stored and flagged when this version does not know its kind", async () => {
    const unknown = await door().take(event("License Renamed - Proposer"));
    expect(unknown).toMatchObject({
      done: { outcome: "stored", detailType: "License Renamed - Proposer" },
      warning: expect.stringMatching(/does not know/) as string,
    });
  });
});

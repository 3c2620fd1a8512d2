import { at } from "@tollhouse/core/memory/example";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNotification } from "./read-notification.ts";

const message = {
  action: "subscribe-success",
  "customer-identifier": "X77SAMPLEBUYER",
  "product-code": "n0123examplemailer0000000",
  "offer-identifier": "offer-sample7",
  isFreeTrialTermPresent: "true",
};

const topicArn = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123";
const envelope = (inner: unknown, change: object = {}) => ({
  Type: "Notification",
  MessageId: "5d2f8a10-7c41-4f0e-9b7e-3a3f6f1f0c55",
  TopicArn: topicArn,
  Timestamp: "2026-08-20T14:23:11.013Z",
  Message: typeof inner === "string" ? inner : JSON.stringify(inner),
  SignatureVersion: "1",
  ...change,
});

const read = (body: unknown) => readNotification(JSON.stringify(body));
const refusal = (reason: RegExp) => ({ refused: expect.stringMatching(reason) as string });

const fact = {
  kind: "subscribe-succeeded",
  id: "sns:5d2f8a10-7c41-4f0e-9b7e-3a3f6f1f0c55",
  at: at("2026-08-20T14:23:11.013Z"),
  productCode: "n0123examplemailer0000000",
  customerIdentifier: "X77SAMPLEBUYER",
  offerId: "offer-sample7",
  freeTrial: true,
};

describe("a Marketplace message in SNS's envelope", () => {
  test("is one fact with SNS's own id and time", () => {
    expect(read(envelope(message))).toEqual({ fact });
  });

  test("is the same fact when its Message is an object instead of text", () => {
    expect(read(envelope("", { Message: message }))).toEqual({ fact });
  });

  test("is the same fact whatever blanks stand around what it names", () => {
    const blanks = fc.string({ unit: fc.constantFrom(" ", "\t", "\n"), maxLength: 3 });
    const padded = fc.record({ before: blanks, after: blanks });
    fc.assert(
      fc.property(fc.array(padded, { minLength: 5, maxLength: 5 }), (pads) => {
        const entries = Object.entries(message).map(([key, value], index) => [
          key,
          `${pads[index]?.before ?? ""}${value}${pads[index]?.after ?? ""}`,
        ]);
        expect(read(envelope(Object.fromEntries(entries)))).toEqual({ fact });
      }),
    );
  });

  test.each<[unknown, boolean]>([
    ["true", true],
    ["True", true],
    [true, true],
    ["false", false],
    ["FALSE", false],
    [false, false],
    [null, false],
    [undefined, false],
  ])("with isFreeTrialTermPresent %j says a trial: %s", (isFreeTrialTermPresent, freeTrial) => {
    expect(read(envelope({ ...message, isFreeTrialTermPresent }))).toEqual({ fact: { ...fact, freeTrial } });
  });

  test.each([[undefined], [null], [""], ["  "]])("with the offer %j names none", (offer) => {
    expect(read(envelope({ ...message, "offer-identifier": offer }))).toEqual({
      fact: { ...fact, offerId: undefined },
    });
  });

  test.each([
    ["subscribe-fail", "subscribe-failed"],
    ["unsubscribe-pending", "unsubscribe-pending"],
    ["unsubscribe-success", "unsubscribe-succeeded"],
    ["entitlement-updated", "entitlement-updated"],
  ])("%s is the fact %s, without an offer as well", (action, kind) => {
    const { freeTrial, ...rest } = fact;
    expect(freeTrial).toBe(true);
    expect(read(envelope({ ...message, action, "offer-identifier": undefined }))).toEqual({
      fact: { ...rest, kind, offerId: undefined },
    });
  });

  test("without its envelope is refused with the remedy, since it has neither id nor time", () => {
    expect(read(message)).toEqual(refusal(/turn raw message delivery off/));
  });

  test.each<[string, unknown, RegExp]>([
    ["without MessageId", envelope(message, { MessageId: undefined }), /no SNS envelope: MessageId/],
    ["with a blank MessageId", envelope(message, { MessageId: " " }), /no SNS envelope: MessageId/],
    ["without Timestamp", envelope(message, { Timestamp: undefined }), /Timestamp/],
    [
      "with a Timestamp that is none",
      envelope(message, { Timestamp: "yesterday" }),
      /Timestamp: yesterday is no RFC 3339/,
    ],
    ["of another Type", envelope(message, { Type: "Receipt" }), /Type: is none of Notification/],
    ["whose Message is null", envelope(message, { Message: null }), /no SNS envelope: Message/],
    ["whose Message is no JSON", envelope("hello"), /its Message is not valid JSON/],
    ["whose Message is too deep", envelope("[".repeat(50_000)), /its Message is nested deeper/],
    ["without action", envelope({ ...message, action: undefined }), /incomplete: action/],
    ["of an unknown action", envelope({ ...message, action: "renew" }), /action renew is not known/],
    [
      "of an action named like a property of every object",
      envelope({ ...message, action: "constructor" }),
      /action constructor is not known/,
    ],
    ["without customer", envelope({ ...message, "customer-identifier": "  " }), /customer-identifier/],
    ["without product", envelope({ ...message, "product-code": null }), /incomplete: product-code/],
    [
      "with a trial that is neither yes nor no",
      envelope({ ...message, isFreeTrialTermPresent: "maybe" }),
      /incomplete: isFreeTrialTermPresent: is neither true nor false/,
    ],
  ])("%s is refused, naming what is wrong", (_, body, reason) => {
    expect(read(body)).toEqual(refusal(reason));
  });
});

describe("what SNS says for itself", () => {
  test("its question whether we want a topic's messages names the topic and the token", () => {
    const question = envelope("You have chosen to subscribe to the topic.", {
      Type: "SubscriptionConfirmation",
      Token: "2336412f37sample",
      SubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
    });
    expect(read(question)).toEqual({ confirmation: { topicArn, token: "2336412f37sample" } });
    expect(read({ ...question, Token: " " })).toEqual(refusal(/no SNS envelope: Token/));
    expect(read({ ...question, TopicArn: undefined })).toEqual(refusal(/no SNS envelope: TopicArn/));
  });

  test("its word that a subscription has ended names the topic", () => {
    const word = envelope("You have chosen to deactivate subscription.", { Type: "UnsubscribeConfirmation" });
    expect(read(word)).toEqual({ unsubscribed: topicArn });
  });
});

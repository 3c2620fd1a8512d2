import { describe, expect, test } from "vitest";
import { at } from "@tollhouse/core/memory/example";
import { readNotification } from "./read-notification.ts";

const message = {
  action: "subscribe-success",
  "customer-identifier": " X01EXAMPLEX ",
  "product-code": "n0123examplemailer0000000",
  "offer-identifier": "offer-abcexample123",
  isFreeTrialTermPresent: "true",
};

const envelope = (inner: unknown, change: object = {}) => ({
  Type: "Notification",
  MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  TopicArn: "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123",
  Timestamp: "2026-08-20T14:23:11.013Z",
  Message: typeof inner === "string" ? inner : JSON.stringify(inner),
  SignatureVersion: "1",
  ...change,
});

const read = (body: unknown) => readNotification(typeof body === "string" ? body : JSON.stringify(body));
const refusal = (reason: RegExp) => ({ refused: expect.stringMatching(reason) as string });

const fact = {
  kind: "subscribe-succeeded",
  id: "sns:22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  at: at("2026-08-20T14:23:11.013Z"),
  productCode: "n0123examplemailer0000000",
  customerIdentifier: "X01EXAMPLEX",
  offerId: "offer-abcexample123",
  freeTrial: true,
};

describe("an SNS message", () => {
  test("is one fact with SNS's own id and time, blanks taken off", () => {
    expect(read(envelope(message))).toEqual({ fact });
  });

  test("is the same fact when its Message is an object instead of text", () => {
    expect(read(envelope("", { Message: message }))).toEqual({ fact });
  });

  test.each<[unknown, boolean]>([
    ["true", true],
    [true, true],
    ["false", false],
    [false, false],
    [undefined, false],
  ])("with isFreeTrialTermPresent %j says a trial: %s", (isFreeTrialTermPresent, freeTrial) => {
    expect(read(envelope({ ...message, isFreeTrialTermPresent }))).toEqual({ fact: { ...fact, freeTrial } });
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

  test("that asks to confirm a subscription is refused with the remedy", () => {
    const confirmation = envelope("You have chosen to subscribe", { Type: "SubscriptionConfirmation" });
    expect(read(confirmation)).toEqual(refusal(/open its SubscribeURL/));
  });

  test.each<[string, unknown, RegExp]>([
    ["without MessageId", envelope(message, { MessageId: undefined }), /no SNS envelope: MessageId/],
    ["with a blank MessageId", envelope(message, { MessageId: " " }), /no SNS envelope: MessageId/],
    ["without Timestamp", envelope(message, { Timestamp: undefined }), /Timestamp/],
    [
      "with a Timestamp that is none",
      envelope(message, { Timestamp: "yesterday" }),
      /yesterday is no RFC 3339/,
    ],
    [
      "of another Type",
      envelope(message, { Type: "UnsubscribeConfirmation" }),
      /UnsubscribeConfirmation is no/,
    ],
    ["whose Message is no JSON", envelope("hello"), /its Message is not valid JSON/],
    ["whose Message is too deep", envelope("[".repeat(50_000)), /its Message is nested deeper/],
    ["without action", envelope({ ...message, action: undefined }), /incomplete: action/],
    ["of an unknown action", envelope({ ...message, action: "renew" }), /action renew is not known/],
    [
      "of an action named like a property of every object",
      envelope({ ...message, action: "constructor" }),
      /action constructor is not known/,
    ],
    [
      "without customer",
      envelope({ ...message, "customer-identifier": "  " }),
      /incomplete: customer-identifier/,
    ],
    ["without product", envelope({ ...message, "product-code": undefined }), /incomplete: product-code/],
    [
      "with a trial that is neither yes nor no",
      envelope({ ...message, isFreeTrialTermPresent: "maybe" }),
      /incomplete: isFreeTrialTermPresent/,
    ],
  ])("%s is refused, naming what is wrong", (_, body, reason) => {
    expect(read(body)).toEqual(refusal(reason));
  });
});

const detail = {
  agreement: { id: "agmt-1", intent: "NEW", status: "CANCELLED" },
  acceptor: { accountId: "123456789012" },
  product: { code: "c0456exampleanalytics0000", id: "prod-1" },
  license: { arn: "arn:aws:license-manager::294406891311:license:l-0123456789abcdef" },
  offer: { id: "offer-1" },
};

const event = (detailType: string, change: object = {}) => ({
  version: "0",
  id: "01234567-0123-0123-0123-0123456789ab",
  "detail-type": detailType,
  source: "aws.agreement-marketplace",
  account: "111122223333",
  time: "2026-08-20T14:24:23Z",
  region: "us-east-1",
  detail,
  ...change,
});

const base = { id: "eventbridge:01234567-0123-0123-0123-0123456789ab", at: at("2026-08-20T14:24:23Z") };
const agreed = { ...base, agreementId: "agmt-1", buyerAccountId: "123456789012", offerId: "offer-1" };
const licensed = { ...agreed, productCode: detail.product.code, licenseArn: detail.license.arn };

describe("an EventBridge event", () => {
  test.each<[string, object]>([
    ["License Updated", { kind: "license-updated", ...licensed }],
    ["License Deprovisioned", { kind: "license-deprovisioned", ...licensed }],
    ["Purchase Agreement Created", { kind: "agreement-created", intent: "NEW", ...agreed }],
    ["Purchase Agreement Amended", { kind: "agreement-amended", ...agreed }],
    ["Purchase Agreement Ended", { kind: "agreement-ended", status: "CANCELLED", ...agreed }],
  ])("%s is one fact for manufacturer and proposer alike", (detailType, expected) => {
    for (const role of ["Manufacturer", "Proposer"])
      expect(read(event(`${detailType} - ${role}`))).toEqual({ fact: expected });
  });

  test("without offer, acceptor or earlier agreement is still a fact", () => {
    const given = { agreement: { id: "agmt-1", previousAgreementId: null }, offer: null };
    expect(read(event("Purchase Agreement Created - Proposer", { detail: given }))).toEqual({
      fact: { ...base, kind: "agreement-created", agreementId: "agmt-1", intent: "NEW" },
    });
  });

  test("of a renewal names the agreement before it", () => {
    const agreement = { id: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" };
    const body = event("Purchase Agreement Created - Manufacturer", { detail: { ...detail, agreement } });
    expect(read(body)).toMatchObject({
      fact: { agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
    });
  });

  test.each<[string, unknown, RegExp]>([
    [
      "of another source",
      event("License Updated - Proposer", { source: "aws.ec2" }),
      /source: is not aws\.agreement/,
    ],
    ["without id", event("License Updated - Proposer", { id: undefined }), /no Marketplace event: id/],
    [
      "with a time that is none",
      event("License Updated - Proposer", { time: "now" }),
      /time now is no RFC 3339/,
    ],
    ["of an unknown type", event("License Renamed - Proposer"), /"License Renamed - Proposer" is not known/],
    ["of a known type of somebody else", event("License Updated - Reseller"), /is not known/],
    ["named like a property of every object", event("constructor"), /is not known/],
    [
      "without detail",
      event("License Updated - Proposer", { detail: undefined }),
      /no Marketplace event: detail/,
    ],
  ])("%s is refused, naming what is wrong", (_, body, reason) => {
    expect(read(body)).toEqual(refusal(reason));
  });

  test.each([
    ["License Updated", { license: {} }, /license\.arn/],
    ["License Updated", { product: undefined }, /product/],
    ["License Deprovisioned", { acceptor: {} }, /acceptor\.accountId/],
    ["Purchase Agreement Ended", { agreement: { id: "agmt-1", status: "PAUSED" } }, /agreement\.status/],
    ["Purchase Agreement Ended", { agreement: { status: "EXPIRED" } }, /agreement\.id/],
    ["Purchase Agreement Created", { agreement: undefined }, /agreement/],
  ])("%s whose detail is incomplete names the field", (detailType, change, field) => {
    const body = event(`${detailType} - Manufacturer`, { detail: { ...detail, ...change } });
    expect(read(body)).toEqual(refusal(new RegExp(`detail is incomplete: ${field.source}`)));
  });
});

describe("a body that is no notification", () => {
  test.each<[string, string, RegExp]>([
    ["no JSON", "hello", /the body is not valid JSON/],
    ["too long", JSON.stringify("x".repeat(262_144)), /at most 262144/],
    ["too deep", "[".repeat(100_000), /nested deeper/],
    ["a list", "[]", /neither an SNS envelope nor/],
    ["an empty object", "{}", /neither an SNS envelope nor/],
    ["nothing", "null", /neither an SNS envelope nor/],
    ["one with a number for its type", '{"Type":7}', /neither an SNS envelope nor/],
  ])("(%s) is refused in words", (_, body, reason) => {
    expect(read(body)).toEqual(refusal(reason));
  });
});

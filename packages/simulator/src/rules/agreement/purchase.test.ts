import { describe, expect, it } from "vitest";
import { batchMeterUsage } from "../metering/batch-meter-usage.ts";
import { resolveCustomer } from "../registration/resolve-customer.ts";
import { issueToken } from "../registration/token.ts";
import { Story } from "../story.ts";
import { dayMs, hourMs } from "../time.ts";
import { cancel, terminate } from "./cancel.ts";
import { subscribe } from "./subscribe.ts";
import { reinstate, suspend } from "./suspend.ts";

const beginMs = Story.beginMs;
const partner = "999900001111";

describe("a buyer whose payment fails", () => {
  it.each([
    ["old-contract", ["5 subscribe-fail"]],
    ["new-contract", []],
    ["moving-contract", ["72 subscribe-fail"]],
  ])("of %s is told of by subscribe-fail, and by no event", (productCode, messages) => {
    const story = new Story();
    const agreement = story.buys(productCode, { paymentFails: true });
    expect(story.ahead()).toEqual(messages);
    expect(agreement).toMatchObject({ activatedAtMs: null, end: { status: "TERMINATED" } });
  });

  it("may try again after that", () => {
    const story = new Story();
    story.buys("old-contract", { paymentFails: true });
    expect(story.buys("old-contract", {}, beginMs + 60_000).activatedAtMs).not.toBeNull();
  });
});

describe("a purchase for a later day", () => {
  const startAtMs = Date.parse("2026-09-01T00:00:00Z");
  const startsIn = (startAtMs - beginMs) / 1_000;

  it.each([
    ["old-metered", [`${Math.round(startsIn + 5)} subscribe-success`]],
    ["new-metered", ["11 agreement-created", `${Math.round(startsIn + 72)} license-updated`]],
  ])("of %s is activated on its day and not before", (productCode, messages) => {
    const story = new Story();
    story.buys(productCode, { startAtMs });
    expect(story.ahead()).toEqual(messages);
  });

  it("that would be over before its license is there is refused", () => {
    const story = new Story();
    const purchase = { productCode: "new-contract", buyerAccountId: Story.buyer, startAtMs };
    const short = { ...purchase, endAtMs: startAtMs + 72_000 };
    expect(story.refusal(subscribe(story.catalogue, story.state, short, beginMs))).toBe("end-before-start");
    const endless = { ...purchase, productCode: "new-metered", autoRenew: true };
    expect(story.refusal(subscribe(story.catalogue, story.state, endless, beginMs))).toBe("no-term");
  });
});

describe("an agreement that AWS ends", () => {
  it.each([
    ["old-metered", ["0 unsubscribe-pending", "3600 unsubscribe-success"]],
    ["new-metered", ["0 agreement-ended", "31 license-deprovisioned"]],
    [
      "moving-metered",
      ["0 unsubscribe-pending", "0 agreement-ended", "31 license-deprovisioned", "3600 unsubscribe-success"],
    ],
  ])("of %s is TERMINATED, with the messages of a cancellation", (productCode, messages) => {
    const story = new Story();
    const { id } = story.buys(productCode);
    const nowMs = beginMs + hourMs;
    const ended = story.does(terminate(story.catalogue, story.state, id, nowMs));
    expect(ended.end?.status).toBe("TERMINATED");
    expect(story.ahead(nowMs)).toEqual(messages);
    for (const { type, detail } of story.events(nowMs).slice(0, 1)) {
      expect(type).toContain("Ended");
      expect(detail).toHaveProperty("agreement.status", "TERMINATED");
    }
  });
});

it("an end that was decided is not decided again, although it is announced later", () => {
  const notificationDelays = { ...new Story().catalogue.notificationDelays, agreementEndedSeconds: 60 };
  const story = new Story({}, { notificationDelays });
  const { id } = story.buys("new-contract");
  const nowMs = beginMs + hourMs;
  story.does(terminate(story.catalogue, story.state, id, nowMs));
  for (const decide of [cancel, terminate])
    expect(story.refusal(decide(story.catalogue, story.state, id, nowMs + 1))).toBe("agreement-ended");
});

describe("an offer extended by a channel partner", () => {
  it("is heard of as the manufacturer, with the resale authorization", () => {
    const story = new Story();
    const { id } = story.buys("new-metered", { proposerAccountId: partner });
    story.does(cancel(story.catalogue, story.state, id, beginMs + hourMs));
    expect(story.events().map(({ type }) => type)).toEqual([
      "Purchase Agreement Created - Manufacturer",
      "License Updated - Manufacturer",
      "Purchase Agreement Ended - Manufacturer",
      "License Deprovisioned - Manufacturer",
    ]);
    const [created] = story.events();
    expect(created?.detail).toMatchObject({ proposer: { accountId: partner } });
    expect(created?.detail["resaleAuthorization"]).not.toEqual({ id: null });
  });
});

describe("a migrating listing", () => {
  it("speaks both ways about each agreement, and lets a buyer hold several", () => {
    const story = new Story();
    story.buys("moving-contract");
    expect(story.ahead().slice(0, 4)).toEqual([
      "11 agreement-created",
      "72 subscribe-success",
      "72 entitlement-updated",
      "72 license-updated",
    ]);
    story.buys("moving-contract");
    expect(Object.keys(story.state.agreements)).toHaveLength(2);
  });

  it("ends for each way as that way says: an hour after the message, and after the license was taken", () => {
    const delays = { unsubscribePendingSeconds: 10, agreementEndedSeconds: 5 };
    const { notificationDelays } = new Story().catalogue;
    const story = new Story({}, { notificationDelays: { ...notificationDelays, ...delays } });
    const { id, licenseArn } = story.buys("moving-metered");
    const endMs = beginMs + hourMs;
    story.does(cancel(story.catalogue, story.state, id, endMs));
    expect(story.ahead(endMs)).toEqual([
      "5 agreement-ended",
      "10 unsubscribe-pending",
      "31 license-deprovisioned",
      "3610 unsubscribe-success",
    ]);
    const record = { Timestamp: (endMs - 1_000) / 1_000, Dimension: "emails", Quantity: 1 };
    const one = { ...record, CustomerAWSAccountId: Story.buyer };
    const status = (request: Parameters<typeof batchMeterUsage>[2], afterMs: number) => {
      const context = { nowMs: endMs + hourMs + afterMs, region: "us-east-1", requestBytes: 9 };
      return story.does(batchMeterUsage(story.catalogue, story.state, request, context)).Results[0]?.Status;
    };
    const byCode = { ProductCode: "moving-metered", UsageRecords: [one] };
    const byLicense = { UsageRecords: [{ ...one, LicenseArn: licenseArn }] };
    expect([status(byCode, 4_999), status(byCode, 5_000)]).toEqual(["Success", "CustomerNotSubscribed"]);
    expect([status(byLicense, 30_999), status(byLicense, 31_000)]).toEqual([
      "Success",
      "CustomerNotSubscribed",
    ]);
  });

  it("names its buyer in both ways", () => {
    const story = new Story();
    const { id, licenseArn } = story.buys("moving-metered");
    const RegistrationToken = story.does(issueToken(story.state, id, beginMs));
    const answer = story.does(resolveCustomer(story.catalogue, story.state, { RegistrationToken }, beginMs));
    expect(answer).toMatchObject({ CustomerAWSAccountId: Story.buyer, LicenseArn: licenseArn });
    expect(answer.CustomerIdentifier).toMatch(/^[0-9A-Z]{11}$/);
  });

  it("takes usage in either way, and counts them apart", () => {
    const story = new Story();
    const { licenseArn } = story.buys("moving-metered");
    const nowMs = beginMs + 3 * hourMs;
    const record = { Timestamp: (nowMs - hourMs) / 1_000, Dimension: "emails", Quantity: 2 };
    const who = { CustomerAWSAccountId: Story.buyer };
    const send = (request: Parameters<typeof batchMeterUsage>[2]) =>
      story.does(
        batchMeterUsage(story.catalogue, story.state, request, {
          nowMs,
          region: "us-east-1",
          requestBytes: 9,
        }),
      ).Results[0]?.Status;
    expect(send({ ProductCode: "moving-metered", UsageRecords: [{ ...record, ...who }] })).toBe("Success");
    expect(send({ UsageRecords: [{ ...record, ...who, LicenseArn: licenseArn }] })).toBe("Success");
    expect(Object.keys(story.state.records)).toHaveLength(2);
  });
});

it("the first answers about an agreement may lack the license, as many as were asked for", () => {
  const story = new Story({}, { licenseArnMissing: 1 });
  const answers = (id: string) =>
    [1, 2, 3].map(() => {
      const RegistrationToken = story.does(issueToken(story.state, id, beginMs));
      const resolved = resolveCustomer(story.catalogue, story.state, { RegistrationToken }, beginMs);
      return "LicenseArn" in story.does(resolved);
    });
  expect(answers(story.buys("new-metered").id)).toEqual([false, true, true]);
  expect(answers(story.buys("new-metered", { licenseArnMissing: 2 }).id)).toEqual([false, false, true]);
  expect(answers(story.buys("new-metered", { licenseArnMissing: 0 }).id)).toEqual([true, true, true]);
});

it("a suspended buyer's usage is not taken until the account is reinstated", () => {
  const story = new Story();
  const { licenseArn } = story.buys("new-metered");
  const nowMs = beginMs + dayMs;
  const status = () => {
    const record = { Timestamp: nowMs / 1_000, Dimension: "gb", Quantity: 1, LicenseArn: licenseArn };
    const request = { UsageRecords: [{ ...record, CustomerAWSAccountId: Story.buyer }] };
    const context = { nowMs, region: "us-east-1", requestBytes: 100 };
    return story.does(batchMeterUsage(story.catalogue, story.state, request, context)).Results[0]?.Status;
  };
  story.does(suspend(story.state, Story.buyer, nowMs));
  expect(status()).toBe("CustomerNotSubscribed");
  expect(story.refusal(suspend(story.state, Story.buyer, nowMs))).toBe("buyer-suspended");
  story.does(reinstate(story.state, Story.buyer));
  expect(status()).toBe("Success");
  expect(story.refusal(reinstate(story.state, Story.buyer))).toBe("buyer-not-suspended");
});

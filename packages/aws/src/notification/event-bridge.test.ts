import { factSchema, longestNotice } from "@tollhouse/core/lifecycle/fact";
import { at } from "@tollhouse/core/memory/example";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNotification } from "./read-notification.ts";

const detail = {
  agreement: { id: "agmt-7sample", intent: "NEW", status: "CANCELLED" },
  acceptor: { accountId: "123456789012" },
  product: { code: "c0456exampleanalytics0000", id: "prod-sample" },
  license: { arn: "arn:aws:license-manager::294406891311:license:l-0123456789abcdef" },
  offer: { id: "offer-sample7" },
};

const event = (detailType: string, change: object = {}) => ({
  version: "0",
  id: "89abcdef-0123-4567-89ab-cdef01234567",
  "detail-type": detailType,
  source: "aws.agreement-marketplace",
  account: "111122223333",
  time: "2026-08-20T14:24:23Z",
  region: "us-east-1",
  resources: ["arn:aws:aws-marketplace::aws:agreement:agmt-7sample"],
  detail,
  ...change,
});

const read = (body: unknown) => readNotification(JSON.stringify(body));
const refusal = (reason: RegExp) => ({ refused: expect.stringMatching(reason) as string });

const base = { id: "eventbridge:89abcdef-0123-4567-89ab-cdef01234567", at: at("2026-08-20T14:24:23Z") };
const agreed = {
  ...base,
  agreementId: "agmt-7sample",
  buyerAccountId: "123456789012",
  offerId: "offer-sample7",
};
const licensed = { ...agreed, productCode: detail.product.code, licenseArn: detail.license.arn };

const lifecycle: [string, object][] = [
  ["License Updated", { kind: "license-updated", ...licensed }],
  ["License Deprovisioned", { kind: "license-deprovisioned", ...licensed }],
  ["Purchase Agreement Created", { kind: "agreement-created", intent: "NEW", ...agreed }],
  ["Purchase Agreement Amended", { kind: "agreement-amended", ...agreed }],
  ["Purchase Agreement Ended", { kind: "agreement-ended", status: "CANCELLED", ...agreed }],
];

describe("an event that moves subscriptions", () => {
  test.each(lifecycle)("%s is one fact, in whosever role it is told", (detailType, expected) => {
    for (const role of ["", " - Manufacturer", " - Proposer"])
      expect(read(event(`${detailType}${role}`))).toEqual({ fact: expected });
  });

  test.each(lifecycle)("%s of an agreement by which we bought something is only kept", (detailType) => {
    expect(read(event(`${detailType} - Acceptor`))).toEqual({
      fact: {
        ...base,
        kind: "notice",
        agreementId: "agmt-7sample",
        detailType: `${detailType} - Acceptor`,
        known: true,
        detail: JSON.stringify(detail),
      },
    });
  });

  test.each(lifecycle)("%s is the same fact with blanks around what it names", (detailType, expected) => {
    const padded = JSON.parse(JSON.stringify(detail), (_, value: unknown) =>
      typeof value === "string" ? ` ${value}\n` : value,
    ) as unknown;
    expect(read(event(`${detailType} - Manufacturer`, { detail: padded }))).toEqual({ fact: expected });
  });

  const bare = { ...base, agreementId: "agmt-7sample" };
  test.each<[string, string, object, object]>([
    [
      "without offer, acceptor or earlier agreement",
      "Created",
      { agreement: { id: "agmt-7sample", previousAgreementId: null }, offer: null, acceptor: null },
      { ...bare, kind: "agreement-created", intent: "NEW" },
    ],
    [
      "of a renewal, with its term",
      "Created",
      {
        agreement: {
          id: "agmt-8sample",
          intent: "RENEW",
          previousAgreementId: "agmt-7sample",
          startTime: "2026-09-01T00:00:00Z",
          endTime: "2027-08-31T23:59:59.999Z",
        },
        acceptor: { accountId: "123456789012" },
        resaleAuthorization: { id: null },
        product: { id: "prod-sample", title: "Sample" },
        offer: { id: null },
      },
      {
        ...agreed,
        offerId: undefined,
        agreementId: "agmt-8sample",
        kind: "agreement-created",
        intent: "RENEW",
        previousAgreementId: "agmt-7sample",
        startsAt: at("2026-09-01T00:00:00Z"),
        endsAt: at("2027-08-31T23:59:59.999Z"),
      },
    ],
    [
      "of pay as you go, whose end is in the year 9999",
      "Created",
      {
        agreement: {
          id: "agmt-7sample",
          intent: "NEW",
          startTime: "2026-08-20T14:23:11.013Z",
          endTime: "9999-01-01T00:00:00Z",
        },
      },
      { ...bare, kind: "agreement-created", intent: "NEW", startsAt: at("2026-08-20T14:23:11.013Z") },
    ],
    [
      "whose end is null",
      "Amended",
      {
        agreement: { id: "agmt-7sample", intent: "AMEND", endTime: null, autoRenewalEnabled: null },
        renewalSummary: { lockoutStartTime: null, disabledBy: null },
      },
      { ...bare, kind: "agreement-amended" },
    ],
    [
      "that turns its renewal off",
      "Amended",
      {
        agreement: { id: "agmt-7sample", endTime: "2026-12-31T23:59:59.999Z", autoRenewalEnabled: false },
        renewalSummary: { disabledBy: "PROPOSER" },
      },
      {
        ...bare,
        kind: "agreement-amended",
        endsAt: at("2026-12-31T23:59:59.999Z"),
        autoRenews: false,
      },
    ],
    [
      "that turns its renewal on, as text",
      "Amended",
      { agreement: { id: "agmt-7sample", autoRenewalEnabled: "true" } },
      { ...bare, kind: "agreement-amended", autoRenews: true },
    ],
  ])("an agreement %s says just that", (_, happened, given, expected) => {
    const body = event(`Purchase Agreement ${happened} - Proposer`, { detail: given });
    expect(read(body)).toEqual({ fact: expected });
  });

  test("every fact can be stored and read back", () => {
    for (const [detailType] of lifecycle) {
      const reading = read(event(detailType));
      expect("fact" in reading && factSchema.parse(JSON.parse(JSON.stringify(reading.fact)))).toMatchObject(
        base,
      );
    }
  });

  test.each([
    ["License Updated", { license: {} }, /license\.arn/],
    ["License Updated", { license: null }, /license/],
    ["License Updated", { product: undefined }, /product/],
    ["License Updated", { agreement: { id: " " } }, /agreement\.id/],
    ["License Deprovisioned", { acceptor: {} }, /acceptor\.accountId/],
    ["Purchase Agreement Ended", { agreement: { id: "agmt-1", status: "PAUSED" } }, /agreement\.status/],
    ["Purchase Agreement Ended", { agreement: { status: "EXPIRED" } }, /agreement\.id/],
    ["Purchase Agreement Created", { agreement: undefined }, /agreement/],
    [
      "Purchase Agreement Created",
      { agreement: { id: "a", startTime: "soon" } },
      /agreement\.startTime: soon is no/,
    ],
    [
      "Purchase Agreement Amended",
      { agreement: { id: "a", autoRenewalEnabled: 1 } },
      /agreement\.autoRenewalEnabled/,
    ],
  ])("%s whose detail is damaged names the field", (detailType, change, field) => {
    const body = event(`${detailType} - Manufacturer`, { detail: { ...detail, ...change } });
    expect(read(body)).toEqual(refusal(new RegExp(`detail is incomplete: ${field.source}`)));
  });
});

describe("an event that only informs", () => {
  test.each([
    "Purchase Agreement Advisory Issued - Manufacturer",
    "Purchase Agreement Advisory Resolved - Manufacturer",
    "Purchase Agreement Ending - Proposer",
    "Purchase Agreement Renewal Terms Finalized - Proposer",
    "Purchase Agreement Renewal Upcoming - Proposer",
    "Spend Threshold Reached",
    "Spend Threshold Vet Succeeded - Manufacturer",
    "Spend Threshold Vet Failed - Manufacturer",
    "Vet Succeeded - Manufacturer",
    "Vet Failed - Manufacturer",
    "Agreement Cancellation Request Pending Approval - Proposer",
    "Agreement Cancellation Request Approved - Proposer",
    "Agreement Cancellation Request Rejected - Proposer",
    "Agreement Cancellation Request Cancelled - Proposer",
    "Agreement Cancellation Request Validation Failed - Proposer",
    "Purchase Agreement Billing Adjustment Completed - Proposer",
    "Purchase Agreement Billing Adjustment Failed - Proposer",
  ])("%s is known and kept", (detailType) => {
    const said = { agreement: { id: "agmt-9", daysBeforeEndTime: 30 } };
    expect(read(event(detailType, { detail: said }))).toEqual({
      fact: {
        ...base,
        kind: "notice",
        agreementId: "agmt-9",
        detailType,
        known: true,
        detail: JSON.stringify(said),
      },
    });
  });

  test.each(["License Renamed - Proposer", "License Updated - Reseller", "constructor", "toString"])(
    "%s is not known, kept all the same, and flagged",
    (detailType) => {
      expect(read(event(detailType))).toMatchObject({ fact: { kind: "notice", detailType, known: false } });
    },
  );

  test("keeps whatever its detail says, to the letter, and can be stored", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ minLength: 1, maxLength: 40 }), (said, name) => {
        const reading = read(event(`New ${name}`, { detail: said }));
        const fact = "fact" in reading ? factSchema.parse(reading.fact) : undefined;
        expect(fact?.kind === "notice" && JSON.parse(fact.detail)).toEqual(JSON.parse(JSON.stringify(said)));
      }),
    );
  });

  const renamed = (change: object) => read(event("License Renamed", change));
  test.each<[string, object, string | undefined]>([
    ["its detail", { detail: { agreement: { id: "agmt-9" } } }, "agmt-9"],
    ["its detail, with blanks", { detail: { agreement: { id: " agmt-9 " } } }, "agmt-9"],
    ["its resources when the detail does not", { detail: { agreement: { id: null } } }, "agmt-7sample"],
    ["nothing", { detail: {}, resources: [] }, undefined],
    ["nothing, without resources", { detail: {}, resources: undefined }, undefined],
    [
      "nothing, with resources of another kind",
      { detail: {}, resources: ["arn:aws:s3:::bucket", 7] },
      undefined,
    ],
    [
      "two agreements",
      {
        detail: {},
        resources: ["1", "2"].map((id) => `arn:aws:aws-marketplace::aws:agreement:agmt-${id}`),
      },
      undefined,
    ],
  ])("belongs to the agreement named by %s", (_, change, agreementId) => {
    expect(renamed(change)).toMatchObject({ fact: { kind: "notice", agreementId } });
  });

  test("is refused whole when its detail is longer than is kept", () => {
    const quotes = 2;
    expect(renamed({ detail: "x".repeat(longestNotice - quotes) })).toHaveProperty("fact");
    expect(renamed({ detail: "x".repeat(longestNotice - quotes + 1) })).toEqual(
      refusal(/detail has 16385 characters.*at most 16384/),
    );
  });
});

describe("what is no event of a Marketplace agreement", () => {
  test.each<[string, unknown, RegExp]>([
    [
      "of another source",
      event("License Updated - Proposer", { source: "aws.ec2" }),
      /source: is not aws\.agreement/,
    ],
    [
      "of the catalogue",
      event("Offer Released", { source: "aws.marketplacecatalog" }),
      /source: is not aws\.agreement/,
    ],
    ["without id", event("License Updated - Proposer", { id: undefined }), /no Marketplace event: id/],
    ["with a time that is none", event("License Updated", { time: "now" }), /time: now is no RFC 3339/],
    ["without detail", event("License Updated", { detail: undefined }), /no Marketplace event: detail/],
    [
      "unknown, without detail",
      event("License Renamed", { detail: undefined }),
      /no Marketplace event: detail/,
    ],
  ])("(%s) is refused, naming what is wrong", (_, body, reason) => {
    expect(read(body)).toEqual(refusal(reason));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amend } from "../agreement/amend.ts";
import { cancel, terminate } from "../agreement/cancel.ts";
import { renew } from "../agreement/succeed.ts";
import { suspend } from "../agreement/suspend.ts";
import { Story } from "../story.ts";
import { dayMs, hourMs } from "../time.ts";
import { describeAgreement } from "./describe-agreement.ts";
import type { Filter } from "./filter.ts";
import { getAgreementEntitlements } from "./get-agreement-entitlements.ts";
import { getAgreementTerms } from "./get-agreement-terms.ts";
import { searchAgreements, type SearchAgreementsRequest } from "./search-agreements.ts";

const beginMs = Story.beginMs;
const nowMs = beginMs + dayMs;
const partner = "999900001111";

const filters = (more: Readonly<Record<string, string | string[]>> = {}): Filter[] =>
  Object.entries({ PartyType: "Proposer", AgreementType: "PurchaseAgreement", ...more }).map(
    ([name, values]) => ({ name, values: [values].flat() }),
  );

function search(story: Story, request: SearchAgreementsRequest, atMs = nowMs) {
  return story.does(searchAgreements(story.catalogue, story.state, request, atMs));
}
const found = (story: Story, more: Parameters<typeof filters>[0] = {}, atMs = nowMs) =>
  search(story, { filters: filters(more) }, atMs).agreementViewSummaries.map(
    ({ agreementId }) => agreementId,
  );

function allPages(story: Story, request: SearchAgreementsRequest): string[] {
  const ids: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = search(story, { ...request, nextToken });
    ids.push(...page.agreementViewSummaries.map(({ agreementId }) => agreementId));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return ids;
}

describe("SearchAgreements", () => {
  it("finds what the seller proposed, and nothing that a channel partner did", () => {
    const story = new Story();
    const own = story.buys("new-metered");
    story.buys("new-metered", { proposerAccountId: partner });
    expect(found(story)).toEqual([own.id]);
    expect(found(story, { PartyType: "Acceptor" })).toEqual([]);
  });

  it("filters by every name there is; values of one filter are alternatives, filters must all match", () => {
    const story = new Story();
    const payg = story.buys("new-metered", { offerId: "offer-one" });
    const term = story.buys("new-contract", { buyerAccountId: "210987654321", autoRenew: true });
    const [a, b] = [payg.id, term.id];
    const day = (atMs: number) => new Date(atMs).toISOString();
    const end = term.endAtMs ?? 0;
    const cases: [Parameters<typeof filters>[0], string[]][] = [
      [{ ResourceIdentifier: "prod-new-metered" }, [a]],
      [{ ResourceIdentifier: "new-metered" }, []],
      [{ ResourceType: "SaaSProduct" }, [b, a]],
      [{ ResourceType: "AmiProduct" }, []],
      [{ AcceptorAccountId: "210987654321" }, [b]],
      [{ AcceptorAccountId: ["210987654321", Story.buyer] }, [b, a]],
      [{ AcceptorAccountId: "210987654321", OfferId: "offer-one" }, []],
      [{ OfferId: "offer-one" }, [a]],
      [{ OfferSetId: "set" }, []],
      [{ Status: "ACTIVE" }, [b, a]],
      [{ Status: ["CANCELLED", "EXPIRED"] }, []],
      [{ LicenseArn: payg.licenseArn }, [a]],
      [{ InitialAgreementId: b }, [b]],
      [{ EndTimeBehaviorType: "RENEW" }, [b]],
      [{ EndTimeBehaviorReasonCode: "ACCEPTOR_RENEW_OPTED_OUT" }, []],
      [{ BeforeEndTime: day(end + 1) }, [b]],
      [{ BeforeEndTime: day(end) }, []],
      [{ AfterEndTime: day(end - 1) }, [b]],
      [{ AfterEndTime: day(end) }, []],
      [{ AfterStartTime: day(beginMs - 1), BeforeStartTime: day(beginMs + 1) }, [b, a]],
      [{ AfterLastUpdateTime: day(beginMs) }, []],
      [{ BeforeLastUpdateTime: day(beginMs + 1) }, [b, a]],
    ];
    for (const [more, ids] of cases) expect([more, found(story, more)]).toEqual([more, ids]);
  });

  it("links renewals by their first agreement, and says what became of each", () => {
    const story = new Story();
    const { id } = story.buys("new-contract");
    const next = story.does(renew(story.catalogue, story.state, id, {}, nowMs));
    expect(found(story, { InitialAgreementId: id })).toEqual([id, next.id]);
    expect(found(story, { Status: "RENEWED" })).toEqual([id]);
    expect(found(story, { LicenseArn: next.licenseArn, Status: "ACTIVE" })).toEqual([next.id]);
    expect(found(story, { Status: "ACTIVE" }, nowMs - 1)).toContain(id);
  });

  it("a term that ran out was last updated at its end", () => {
    const story = new Story();
    const { id, endAtMs } = story.buys("new-contract");
    const end = endAtMs ?? 0;
    const AfterLastUpdateTime = new Date(end - 1).toISOString();
    expect(found(story, { AfterLastUpdateTime }, end - 1)).toEqual([]);
    expect(found(story, { AfterLastUpdateTime }, end)).toEqual([id]);
  });

  it("sorts by end, start or last update, either way, with the endless ones last", () => {
    const story = new Story();
    const first = story.buys("new-contract", { endAtMs: beginMs + 300 * dayMs });
    const second = story.buys("new-contract", { endAtMs: beginMs + 200 * dayMs }, beginMs + 1_000);
    const third = story.buys("new-metered", {}, beginMs + 2_000);
    story.does(amend(story.catalogue, story.state, first.id, { autoRenew: true }, beginMs + hourMs));
    const sorted = (sortBy: string, sortOrder: string) =>
      search(story, { filters: filters(), sort: { sortBy, sortOrder } }).agreementViewSummaries.map(
        ({ agreementId }) => agreementId,
      );
    const [a, b, c] = [first.id, second.id, third.id];
    expect(sorted("EndTime", "ASCENDING")).toEqual([b, a, c]);
    expect(sorted("EndTime", "DESCENDING")).toEqual([a, b, c]);
    expect(sorted("StartTime", "DESCENDING")).toEqual([c, b, a]);
    expect(sorted("LastUpdateTime", "ASCENDING")).toEqual([b, c, a]);
  });

  it("turning every page gives each match once, whatever the size of a page", () => {
    const terms = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 60 });
    const order = fc.constantFrom("ASCENDING", "DESCENDING");
    fc.assert(
      fc.property(terms, fc.integer({ min: 1, max: 50 }), order, (days, maxResults, sortOrder) => {
        const story = new Story();
        for (const term of days) story.buys("new-contract", { endAtMs: beginMs + term * 30 * dayMs });
        const ids = allPages(story, { filters: filters(), sort: { sortOrder }, maxResults });
        expect(ids.toSorted()).toEqual(Object.keys(story.state.agreements).toSorted());
      }),
      { numRuns: 50 },
    );
  });

  it("an agreement made between two pages moves no other", () => {
    const story = new Story();
    const bought = [10, 20, 30, 40].map((days) =>
      story.buys("new-contract", { endAtMs: nowMs + days * dayMs }),
    );
    const first = search(story, { filters: filters(), maxResults: 2 });
    story.buys("new-contract", { endAtMs: nowMs + dayMs });
    const { nextToken } = first;
    const second = search(story, { filters: filters(), maxResults: 2, nextToken });
    expect(second.agreementViewSummaries.map(({ agreementId }) => agreementId)).toEqual(
      bought.slice(2).map(({ id }) => id),
    );
  });

  it.each<[string, SearchAgreementsRequest]>([
    ["INVALID_AGREEMENT_TYPE", {}],
    ["INVALID_AGREEMENT_TYPE", { filters: filters({ AgreementType: "VendorInsightsAgreement" }) }],
    ["INVALID_PARTY_TYPE", { filters: filters().slice(1) }],
    ["INVALID_FILTER_NAME", { filters: filters({ Colour: "blue" }) }],
    ["INVALID_FILTER_NAME", { filters: filters({ constructor: "x" }) }],
    ["MISSING_FILTER_VALUES", { filters: filters({ OfferId: [] }) }],
    ["INVALID_FILTER_VALUES", { filters: filters({ AfterEndTime: "soon" }) }],
    ["INVALID_SORT_BY", { filters: filters(), sort: { sortBy: "Price" } }],
    ["INVALID_SORT_ORDER", { filters: filters(), sort: { sortOrder: "UP" } }],
    ["INVALID_MAX_RESULTS", { filters: filters(), maxResults: 51 }],
    ["INVALID_MAX_RESULTS", { filters: filters(), maxResults: 0 }],
    ["INVALID_NEXT_TOKEN", { filters: filters(), nextToken: "invented" }],
    ["INVALID_CATALOG", { filters: filters(), catalog: "Elsewhere" }],
  ])("%s refuses a wrong request", (reason, request) => {
    const story = new Story();
    const decision = searchAgreements(story.catalogue, story.state, request, nowMs);
    expect(decision).toHaveProperty("refusal.code", "ValidationException");
    expect(decision).toHaveProperty("refusal.reason", reason);
  });
});

describe("DescribeAgreement", () => {
  const describes = (story: Story, agreementId: string, atMs = nowMs) =>
    story.does(describeAgreement(story.catalogue, story.state, { agreementId }, atMs));

  it("says how it stands and what will become of its end, while it has one ahead", () => {
    const story = new Story();
    const { id, offerId } = story.buys("new-contract", { autoRenew: true });
    expect(describes(story, id)).toMatchObject({
      status: "ACTIVE",
      initialAgreementId: id,
      endTimeBehavior: { type: "RENEW", renewalSummary: { offerId } },
    });
    const off = { autoRenew: false, disabledBy: "PROPOSER" } as const;
    story.does(amend(story.catalogue, story.state, id, off, nowMs));
    expect(describes(story, id).endTimeBehavior).toMatchObject({
      type: "EXPIRE",
      reasonCode: "PROPOSER_RENEW_OPTED_OUT",
    });
    story.does(terminate(story.catalogue, story.state, id, nowMs));
    expect(describes(story, id)).toMatchObject({ status: "TERMINATED" });
    expect(describes(story, id)).not.toHaveProperty("endTimeBehavior");
  });

  it("gives pay as you go no end", () => {
    const story = new Story();
    const description = describes(story, story.buys("new-metered").id);
    expect(description).not.toHaveProperty("endTime");
    expect(description).not.toHaveProperty("endTimeBehavior");
  });

  it("knows neither an invented agreement nor a channel partner's", () => {
    const story = new Story();
    const { id } = story.buys("new-metered", { proposerAccountId: partner });
    for (const agreementId of ["agmt-none", "constructor", id])
      for (const decide of [describeAgreement, getAgreementEntitlements, getAgreementTerms])
        expect(decide(story.catalogue, story.state, { agreementId }, nowMs)).toHaveProperty(
          "refusal.code",
          "ResourceNotFoundException",
        );
  });
});

describe("GetAgreementEntitlements", () => {
  const condition = (story: Story, agreementId: string, atMs = nowMs) =>
    story
      .does(getAgreementEntitlements(story.catalogue, story.state, { agreementId }, atMs))
      .agreementEntitlements.map(({ status, statusReasonCode }) => `${status} ${statusReasonCode}`);

  it("follows the license from its schedule to its end", () => {
    const story = new Story();
    const startAtMs = beginMs + 2 * dayMs;
    const { id } = story.buys("new-metered", { startAtMs });
    expect(condition(story, id)).toEqual(["SCHEDULED FUTURE_START_DATE"]);
    expect(condition(story, id, startAtMs)).toEqual(["PENDING PROVISIONING_IN_PROGRESS"]);
    expect(condition(story, id, startAtMs + hourMs)).toEqual(["PROVISIONED AGREEMENT_ACTIVE"]);
    story.does(suspend(story.state, Story.buyer, startAtMs));
    expect(condition(story, id, startAtMs + hourMs)).toEqual(["PENDING ACCOUNT_SUSPENDED"]);
    story.does(cancel(story.catalogue, story.state, id, startAtMs + hourMs));
    expect(condition(story, id, startAtMs + 2 * hourMs)).toEqual(["DEPROVISIONED AGREEMENT_INACTIVE"]);
  });

  it("tells of a failed payment, and then of no license", () => {
    const story = new Story();
    const { id } = story.buys("new-metered", { paymentFails: true });
    expect(condition(story, id, beginMs)).toEqual(["PENDING PROVISIONING_IN_PROGRESS"]);
    expect(condition(story, id)).toEqual(["FAILED INVALID_PAYMENT_INSTRUMENT"]);
    expect(search(story, { filters: filters() }).agreementViewSummaries[0]?.entitlements).toEqual([]);
  });

  it.each(["same", "new"] as const)(
    "after a renewal with %s license, names each license once",
    (switched) => {
      const story = new Story({ licenseAtRenewal: switched });
      const { id } = story.buys("new-contract");
      const next = story.does(renew(story.catalogue, story.state, id, {}, nowMs));
      expect(condition(story, next.id)).toEqual(["PROVISIONED AGREEMENT_ACTIVE"]);
      expect(condition(story, id, nowMs + hourMs)).toEqual(
        switched === "same" ? [] : ["DEPROVISIONED AGREEMENT_INACTIVE"],
      );
    },
  );
});

describe("GetAgreementTerms", () => {
  const types = (story: Story, agreementId: string) =>
    story
      .does(getAgreementTerms(story.catalogue, story.state, { agreementId }))
      .acceptedTerms.flatMap((term) => Object.keys(term));

  it("lists what was bought, with the free trial only where there is one", () => {
    const story = new Story();
    const payg = ["usageBasedPricingTerm", "validityTerm", "legalTerm"];
    expect(types(story, story.buys("new-metered").id)).toEqual(payg);
    expect(types(story, story.buys("new-metered", { freeTrial: true }).id)).toContain("freeTrialPricingTerm");
    expect(types(story, story.buys("new-contract").id)).toEqual([
      "usageBasedPricingTerm",
      "configurableUpfrontPricingTerm",
      "validityTerm",
      "renewalTerm",
      "legalTerm",
    ]);
  });

  it("gives them page by page", () => {
    const story = new Story();
    const agreementId = story.buys("new-contract", { freeTrial: true }).id;
    const request = { agreementId, maxResults: 4 };
    const first = story.does(getAgreementTerms(story.catalogue, story.state, request));
    const { nextToken } = first;
    const second = story.does(getAgreementTerms(story.catalogue, story.state, { ...request, nextToken }));
    expect([first.acceptedTerms.length, second.acceptedTerms.length]).toEqual([4, 2]);
    expect(second).not.toHaveProperty("nextToken");
  });
});

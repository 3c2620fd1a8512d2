import fc from "fast-check";
import { expect, it } from "vitest";
import { getEntitlements } from "../entitlement/get-entitlements.ts";
import { informationalKinds } from "../notification/informational-event.ts";
import { Story } from "../story.ts";
import { dayMs, hourMs } from "../time.ts";
import { type Agreement, isActivated, isEnded } from "./agreement.ts";
import { amend } from "./amend.ts";
import { cancel, terminate } from "./cancel.ts";
import { inform } from "./inform.ts";
import { subscribe } from "./subscribe.ts";
import { renew, replace } from "./succeed.ts";

const buyers = ["123456789012", "210987654321"];
const productCodes = ["old-metered", "old-contract", "new-metered", "new-contract", "moving-contract"];

const act = fc.record({
  what: fc.constantFrom("buy", "buy", "cancel", "terminate", "renew", "replace", "amend", "inform", "wait"),
  productCode: fc.constantFrom(...productCodes),
  buyerAccountId: fc.constantFrom(...buyers),
  /** Which agreement it is about, counted from the newest. */
  about: fc.nat(5),
  autoRenew: fc.boolean(),
  paymentFails: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
  termDays: fc.integer({ min: 1, max: 40 }),
  startsIn: fc.constantFrom(0, 0, hourMs, 3 * dayMs),
  waitMs: fc.constantFrom(0, 1_000, 40_000, 90_000, hourMs, 2 * dayMs, 45 * dayMs),
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

function perform(story: Story, one: Act, nowMs: number): void {
  const { catalogue, state } = story;
  const id = Object.keys(state.agreements).at(-1 - one.about) ?? "none";
  const { autoRenew, productCode, buyerAccountId, paymentFails } = one;
  const startAtMs = nowMs + one.startsIn;
  const term = productCode.endsWith("contract")
    ? { autoRenew, endAtMs: startAtMs + one.termDays * dayMs }
    : {};
  const purchase = { productCode, buyerAccountId, paymentFails, startAtMs, ...term };
  const kind = informationalKinds[one.termDays % informationalKinds.length] ?? "unknown";
  if (one.what === "buy") story.tries(subscribe(catalogue, state, purchase, nowMs));
  if (one.what === "cancel") story.tries(cancel(catalogue, state, id, nowMs));
  if (one.what === "terminate") story.tries(terminate(catalogue, state, id, nowMs));
  if (one.what === "renew") story.tries(renew(catalogue, state, id, {}, nowMs));
  if (one.what === "replace") story.tries(replace(catalogue, state, id, { autoRenew }, nowMs));
  if (one.what === "amend") story.tries(amend(catalogue, state, id, { autoRenew }, nowMs));
  if (one.what === "inform") story.tries(inform(catalogue, state, id, { kind }, nowMs));
}

const grouped = (agreements: readonly Agreement[], key: (one: Agreement) => string) => [
  ...Map.groupBy(agreements, key).values(),
];

function check(story: Story, nowMs: number): void {
  const agreements = Object.values(story.state.agreements);
  const live = agreements.filter((one) => isActivated(one, nowMs) && !isEnded(one, nowMs));
  for (const ofLicense of grouped(live, ({ licenseArn }) => licenseArn)) expect(ofLicense).toHaveLength(1);
  const olds = live.filter(({ productCode }) => productCode.startsWith("old-"));
  for (const ofBuyer of grouped(olds, (one) => `${one.buyerAccountId} ${one.productCode}`))
    expect(ofBuyer).toHaveLength(1);

  // Each agreement is followed by at most one, which names it, and the old one says why.
  const followers = agreements.filter(({ previousAgreementId }) => previousAgreementId !== null);
  expect(new Set(followers.map(({ previousAgreementId }) => previousAgreementId)).size).toBe(
    followers.length,
  );
  for (const { previousAgreementId, initialAgreementId, startAtMs } of followers) {
    const before = story.agreement(previousAgreementId ?? "");
    expect(["RENEWED", "REPLACED"]).toContain(before.end?.status);
    expect(before.end?.endedAtMs).toBe(startAtMs);
    expect(before.initialAgreementId).toBe(initialAgreementId);
  }
  expect(
    agreements.filter(({ end }) => end?.status === "RENEWED" || end?.status === "REPLACED"),
  ).toHaveLength(followers.length);
}

/** What the seller will be told about each license: nothing more once it was taken away. */
function checkMessages(story: Story): void {
  const ids = story.everPlanned.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const due = story.everPlanned
    .filter(({ id }) => id in story.state.notifications)
    .filter(({ kind }) => kind.startsWith("license-"));
  const gone = new Map<string, number>();
  for (const { kind, agreementId, dueAtMs } of due)
    if (kind === "license-deprovisioned") {
      const arn = story.agreement(agreementId ?? "").licenseArn;
      expect(gone.has(arn)).toBe(false);
      gone.set(arn, dueAtMs);
    }
  for (const { kind, agreementId, dueAtMs } of due)
    if (kind === "license-updated")
      expect(dueAtMs).toBeLessThanOrEqual(
        gone.get(story.agreement(agreementId ?? "").licenseArn) ?? Infinity,
      );
}

it.each(["same", "new"] as const)(
  "whatever is done, with %s license at a renewal: one live agreement a license, and none provisioned again",
  (licenseAtRenewal) => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const story = new Story({ licenseAtRenewal });
        let nowMs = Story.beginMs;
        const goneFor = new Set<string>();
        for (const one of acts) {
          nowMs += one.waitMs;
          story.passes(nowMs);
          perform(story, one, nowMs);
          check(story, nowMs);
          for (const arn of goneFor) expect(holders(story, arn, nowMs)).toEqual([]);
          for (const { licenseArn, end } of Object.values(story.state.agreements))
            if ((end?.deprovisionedAtMs ?? Infinity) <= nowMs) goneFor.add(licenseArn);
        }
        checkMessages(story);
        expect(JSON.parse(JSON.stringify(story.state))).toEqual(story.state);
        for (const ProductCode of productCodes)
          expect(getEntitlements(story.catalogue, story.state, { ProductCode }, nowMs)).toHaveProperty(
            "answer",
          );
      }),
      { numRuns: 300 },
    );
  },
);

const holders = (story: Story, licenseArn: string, nowMs: number) =>
  Object.values(story.state.agreements).filter(
    (one) => one.licenseArn === licenseArn && isActivated(one, nowMs) && !isEnded(one, nowMs),
  );

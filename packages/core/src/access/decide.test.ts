import { describe, expect, test } from "vitest";
import type { Product } from "../configuration/configuration.ts";
import type { Entitlement, EntitlementSnapshot } from "../entitlement/entitlement.ts";
import type { CustomerId } from "../lifecycle/customer.ts";
import type { Grant, Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import { at, exampleProduct, licenseArn, licenseId, mailerCode } from "../memory/example.ts";
import { decideAccess } from "./decide.ts";

const vaultCode = "k0789examplevault00000000";
const vault: Product = {
  ...{ code: vaultCode, title: "Example Vault", generation: "eventbridge", metering: "live" },
  pricing: "contract-with-consumption",
  dimensions: [
    { key: "team", kind: "entitled", title: "Team" },
    { key: "enterprise", kind: "entitled" },
    { key: "secrets_read", kind: "metered" },
  ],
  plans: [
    { dimension: "team", title: "Team", features: ["secrets", "audit-log"] },
    { dimension: "enterprise", title: "Enterprise", features: ["secrets", "single-sign-on"] },
  ],
};
const mailer = exampleProduct(mailerCode);

const now = at("2026-08-20T15:00:00Z");
const since = at("2026-08-20T10:00:00Z");
const active: Grant = { state: "active", since };
const id = licenseId as string as SubscriptionId;

const subscription = (given: Partial<Subscription> = {}): Subscription => ({
  ...{ id, productCode: vaultCode, identity: { by: "license", licenseArn } },
  ...{ registration: "registered", customerId: "cus-1" as CustomerId, grant: active, earlierGrants: [] },
  freeTrial: false,
  ...given,
});

const read = (
  entitlements: readonly Entitlement[],
  given: Partial<EntitlementSnapshot> = {},
): EntitlementSnapshot => ({
  ...{ subscriptionId: id, version: 1, readAt: at("2026-08-20T14:00:00Z"), entitlements },
  ...given,
});

const decide = (
  entitlements: EntitlementSnapshot | undefined,
  given: Partial<Subscription> = {},
  product = vault,
) => decideAccess({ subscription: subscription(given), version: 7, product, entitlements }, now);

const team = { dimension: "team", value: 5 };
const given = { plans: ["Team"], features: ["secrets", "audit-log"], metered: ["secrets_read"] };
const nothing = { plans: [], features: [], metered: [], entitlements: [] };

describe("a grant", () => {
  const grants: [Grant, string][] = [
    [{ state: "unknown" }, "grant-unknown"],
    [{ state: "pending", startsAt: now }, "grant-pending"],
    [{ state: "cancelling", since, cutAt: now, deadlineAt: at("2026-08-20T16:00:00Z") }, "grant-cancelling"],
    [{ state: "ended", since, cutAt: now }, "grant-ended"],
    [{ state: "failed", at: now }, "grant-failed"],
  ];

  test.each(grants)("that is %o gives nothing, whatever is bought under it", (grant, reason) => {
    expect(decide(read([team]), { grant })).toMatchObject({ allowed: false, reason, ...nothing });
  });

  test("in force gives what was bought, whether or not the buyer has registered", () => {
    expect(decide(read([team]))).toMatchObject({ allowed: true, registered: true, version: 7, ...given });
    const unseen = decide(read([team]), { registration: "unregistered" });
    expect(unseen).toMatchObject({ allowed: true, registered: false });
  });

  test("of a listing that sells nothing up front needs nothing bought", () => {
    expect(decide(undefined, { productCode: mailerCode }, mailer)).toMatchObject({
      ...{ allowed: true, plans: [], features: [], metered: ["emails_sent"], entitlements: [] },
    });
  });

  test("of a product that is not configured gives nothing", () => {
    const standing = { subscription: subscription(), version: 1, product: undefined };
    expect(decideAccess({ ...standing, entitlements: read([team]) }, now)).toMatchObject({
      ...{ allowed: false, reason: "product-unknown", ...nothing },
    });
  });
});

describe("what is bought", () => {
  test.each([
    [5, true],
    [0.5, true],
    [true, true],
    ["gold", true],
    [0, false],
    [-1, false],
    [false, false],
    ["", false],
    [" ", false],
  ])("as %j is enough: %s", (value, allowed) => {
    const answer = decide(read([{ dimension: "team", value }]));
    expect(answer.allowed).toBe(allowed);
    expect(answer.plans).toEqual(allowed ? ["Team"] : []);
    expect(answer.entitlements).toHaveLength(allowed ? 1 : 0);
  });

  test("of several plans adds up their features, each once, in the configuration's order", () => {
    const both = decide(read([{ dimension: "enterprise", value: true }, team]));
    expect(both).toMatchObject({
      plans: ["Team", "Enterprise"],
      features: ["secrets", "audit-log", "single-sign-on"],
    });
  });

  test("gives no plan where nothing is bought of its dimension", () => {
    expect(decide(read([team, { dimension: "enterprise", value: 0 }]))).toMatchObject(given);
  });

  test("was never read: it is awaited", () => {
    expect(decide(undefined)).toMatchObject({ allowed: false, reason: "entitlements-awaited" });
  });

  test("was answered with nothing that is believed: nothing", () => {
    expect(decide(read([]))).toMatchObject({ allowed: false, reason: "nothing-entitled" });
  });

  test("was answered with nothing, which is not believed yet: what was known stands, and its doubt is told", () => {
    const emptySince = at("2026-08-20T13:55:00Z");
    expect(decide(read([team], { emptySince }))).toMatchObject({
      ...{ allowed: true, ...given, entitlementsDoubtedSince: emptySince },
    });
    expect(decide(read([], { emptySince }))).toMatchObject({ reason: "entitlements-awaited" });
    // Ten minutes of it are believed.
    const believed = decide(read([], { emptySince: at("2026-08-20T13:50:00Z") }));
    expect(believed).toMatchObject({ reason: "nothing-entitled" });
    expect(believed).not.toHaveProperty("entitlementsDoubtedSince");
  });

  test("under a grant that ended says nothing of the one that the buyer came back for", () => {
    const earlierGrants = [{ since: at("2026-07-01T00:00:00Z"), cutAt: at("2026-08-01T00:00:00Z") }];
    const before = read([team], { readAt: at("2026-08-20T09:59:59Z") });
    expect(decide(before, { earlierGrants })).toMatchObject({
      ...{ allowed: false, reason: "entitlements-awaited", ...nothing },
    });
    expect(decide(read([team]), { earlierGrants }).allowed).toBe(true);
    // Of the first grant nothing else can be meant; AWS may have been asked a moment before it was told.
    expect(decide(before).allowed).toBe(true);
  });
});

describe("a date", () => {
  const until = (expiresAt: string) => ({ ...team, expiresAt: at(expiresAt) });

  test("that has passed proves no lapse: what was bought stands, and the date is told as passed", () => {
    const [bought] = decide(read([until("2026-08-20T15:00:00Z")])).entitlements;
    expect(bought).toMatchObject({ value: 5, title: "Team", expired: true });
    expect(decide(read([until("2026-08-20T15:00:00.001Z")])).entitlements).toMatchObject([
      { expired: false },
    ]);
  });

  test("to come is how long the answer holds: the nearest of those bought and the agreement's own", () => {
    const answer = (endsAt?: string) =>
      decide(
        read([
          until("2026-08-19T00:00:00Z"),
          { ...until("2027-01-01T00:00:00Z"), dimension: "enterprise" },
          { ...until("2026-12-01T00:00:00Z"), dimension: "other" },
        ]),
        endsAt === undefined ? {} : { term: { endsAt: at(endsAt) } },
      ).holdsUntil;
    expect(answer()).toBe(at("2026-12-01T00:00:00Z"));
    expect(answer("2026-10-01T00:00:00Z")).toBe(at("2026-10-01T00:00:00Z"));
    expect(answer("2026-08-20T14:00:00Z")).toBe(at("2026-12-01T00:00:00Z"));
  });

  test("of what gives nothing is not told", () => {
    expect(decide(read([until("2026-12-01T00:00:00Z")]), { grant: { state: "unknown" } })).not.toHaveProperty(
      "holdsUntil",
    );
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { filledIn, type Storefront, startStorefront } from "./storefront.ts";

const wicked = `"><script>alert("1")</script>`;
const escaped = "&quot;&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;";

let shop: Storefront;
beforeAll(async () => {
  shop = await startStorefront({
    registrationUrl: "http://127.0.0.1:9/register",
    products: [
      {
        ...{ code: "new/wicked", id: "prod-wicked", title: wicked, generation: "eventbridge" },
        pricing: "contract-with-consumption",
        dimensions: [
          { key: "seats", title: wicked, types: ["Entitled"] },
          { key: "gb", title: wicked, types: ["ExternallyMetered"] },
        ],
      },
    ],
  });
});
afterAll(() => shop.close());

const listing = `/listings/${encodeURIComponent("new/wicked")}`;
const count = async () => ((await shop.call("GET", "/agreements")).body["agreements"] as unknown[]).length;

describe("a page elsewhere", () => {
  let before = 0;
  beforeEach(async () => {
    before = await count();
  });

  it.each([
    ["of another site", { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" }],
    ["of another port of this machine", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["that hides where it comes from", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["of an old browser, which says nothing", {}],
    ["that posts plain text", { origin: "https://elsewhere.example", "content-type": "text/plain" }],
  ])("%s can post nothing", async (_which, headers: Record<string, string>) => {
    for (const path of [listing, "/clock", "/faults/chaos-on", "/agreements/agmt-any/setup"])
      expect((await shop.post(path, filledIn, headers)).status).toBe(403);
    expect(await count()).toBe(before);
  });

  it("with a name that it points at this machine can neither read nor post", async () => {
    const host = `rebound.example:${new URL(shop.url).port}`;
    const headers = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
    expect((await shop.get("", headers)).status).toBe(403);
    expect((await shop.post(listing, filledIn, headers)).status).toBe(403);
    expect(await count()).toBe(before);
  });
});

it("takes forms only, and none that is larger than any of its own", async () => {
  const headers = { origin: shop.origin, "content-type": "application/json" };
  const other = await shop.send("POST", `/storefront${listing}`, headers, JSON.stringify(filledIn));
  expect([other.status, other.text]).toEqual([400, "This page takes its own forms only."]);
  const large = await shop.post(listing, { ...filledIn, offerId: "x".repeat(70_000) });
  expect(large.status).toBe(413);
});

it("cannot be framed, loads nothing from elsewhere, and is in no cache", async () => {
  for (const path of ["", listing, "/agreements", "/bill", "/seller", "/faults", "/nowhere"]) {
    const { headers } = await shop.get(path);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const policy = String(headers["content-security-policy"]);
    for (const part of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "form-action 'self';",
      "base-uri 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toContain("unsafe-inline");
  }
});

it("shows what the seller and the buyer wrote as text, wherever it stands", async () => {
  const refused = await shop.post(listing, { ...filledIn, offer: "private", offerId: wicked, endOn: wicked });
  expect(refused.status).toBe(400);
  await shop.post(listing, { ...filledIn, "quantity:seats": "1" });
  const [{ agreementId = "" } = {}] = (await shop.call("GET", "/agreements")).body["agreements"] as {
    agreementId?: string;
  }[];
  const pages = [
    refused,
    await shop.get(""),
    await shop.get(listing),
    await shop.get("/agreements"),
    await shop.get(`/agreements/${agreementId}`),
    await shop.get("/seller"),
    await shop.post(`/agreements/${agreementId}/setup`),
  ];
  for (const { text } of pages) {
    expect(text).toContain(escaped);
    expect(text).not.toContain("<script>alert");
  }
});

it("says only sentences of its own, whatever the address asks for", async () => {
  for (const what of ["Your+card+was+refused", "constructor"]) {
    const { text } = await shop.get(`/bill?done=${what}`);
    expect(text).not.toContain("Your card");
    expect(text).not.toContain('role="status"');
  }
});

it("is where a browser that opens the simulator's address arrives", async () => {
  const answer = await shop.send("GET", "/", {});
  expect([answer.status, answer.headers["location"]]).toEqual([302, "/storefront"]);
});

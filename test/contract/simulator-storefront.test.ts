import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
  type UsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultKinds } from "@tollhouse/simulator/server/storefront/fault-words";
import { filledIn, type Storefront, startStorefront } from "./storefront.ts";

const registrationUrl = "https://seller.example.com/register";

let shop: Storefront;
beforeEach(async () => {
  shop = await startStorefront({ registrationUrl });
});
afterEach(() => shop.close());

const agreements = async (): Promise<Record<string, unknown>[]> =>
  (await shop.call("GET", "/agreements")).body["agreements"] as Record<string, unknown>[];

describe("subscribing", () => {
  it("makes the agreement that was filled in, and leads to its page", async () => {
    const answer = await shop.post("/listings/new-contract", {
      ...filledIn,
      ...{ offer: "private", offerId: "offer-for-you", startOn: "2026-09-01", endOn: "2026-12-31" },
      ...{ autoRenew: "on", freeTrial: "on", "quantity:seats": "25", proposerAccountId: "999900001111" },
    });
    const [agreement] = await agreements();
    expect(answer.status).toBe(303);
    expect(answer.headers["location"]).toBe(
      `/storefront/agreements/${String(agreement?.["agreementId"])}?done=subscribed`,
    );
    expect(agreement).toMatchObject({
      ...{ productCode: "new-contract", buyerAccountId: "700000000123", offerId: "offer-for-you" },
      ...{ startAt: "2026-09-01T00:00:00.000Z", endAt: "2026-12-31T23:59:59.999Z", autoRenew: true },
      ...{ freeTrial: true, entitlements: [{ dimension: "seats", value: 25 }] },
      proposerAccountId: "999900001111",
    });
    const page = await shop.get(answer.headers["location"]?.slice("/storefront".length) as string);
    expect(page.text).toContain("The offer is accepted.");
    expect(page.text).toMatch(/Starts in 11 days/);
  });

  it.each([
    [{ buyerAccountId: "12" }, "The buyer&#39;s account is a number of 12 digits"],
    [{ offer: "private", offerId: "" }, "Name the private offer"],
    [{ offer: "private", offerId: "two words" }, "has no spaces"],
    [{ startOn: "soon" }, "The start is no date"],
    [{ proposerAccountId: "x" }, "The partner&#39;s account is a number of 12 digits"],
    [{ "quantity:seats": "-1" }, "A quantity is a whole number"],
    [{ "quantity:calls": "1" }, "new-contract sells no entitlement of dimension calls."],
    [{ endOn: "2026-08-19" }, "The term would be over before its license is there"],
  ])(
    "says in a sentence what is wrong with %o, keeps the rest, and makes nothing",
    async (wrong, sentence) => {
      const answer = await shop.post("/listings/new-contract", { ...filledIn, freeTrial: "on", ...wrong });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(sentence);
      expect(answer.text).toMatch(/name="freeTrial" value="on" checked/);
      expect(await agreements()).toEqual([]);
    },
  );

  it("shows the refusal of the rules on the same page", async () => {
    await shop.post("/listings/old-metered", filledIn);
    const again = await shop.post("/listings/old-metered", { ...filledIn, paymentFails: "on" });
    expect(again.status).toBe(409);
    expect(again.text).toContain("An old listing has one agreement a buyer: cancel the running one first.");
    expect(again.text).toContain('value="700000000123" selected');
    expect(await agreements()).toHaveLength(1);
  });

  it("offers a buyer that nobody has been, and those that were", async () => {
    const offered = async () =>
      /name="buyerAccountId"[^>]*>\s*<option value="(\d{12})"/.exec(
        (await shop.get("/listings/new-metered")).text,
      )?.[1];
    const accounts = [await offered()];
    for (const taken of ["700000000002", "700000000003"]) {
      await shop.post("/listings/new-metered", { ...filledIn, buyerAccountId: taken });
      accounts.push(await offered());
    }
    expect(accounts).toEqual(["700000000001", "700000000003", "700000000004"]);
    expect((await shop.get("/listings/new-metered")).text).toMatch(
      /<option value="700000000002" *>700000000002, who bought A new listing, pay as you go</,
    );
    await shop.post("/listings/new-metered", { ...filledIn, otherAccountId: "123412341234" });
    expect((await agreements()).at(-1)?.["buyerAccountId"]).toBe("123412341234");
  });
});

describe("setting up the account", () => {
  const handOver = async (fields: Record<string, string>) => {
    await shop.post("/listings/new-metered", { ...filledIn, ...fields });
    const [agreement] = await agreements();
    const answer = await shop.post(`/agreements/${String(agreement?.["agreementId"])}/setup`);
    const posted = [...answer.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    return { answer, posted: Object.fromEntries(posted.map(([, name = "", value]) => [name, value])) };
  };

  it("hands the browser over with a token that AWS knows, and lets the page post there and nowhere else", async () => {
    const { answer, posted } = await handOver({});
    expect(answer.text).toContain(`<form method="post" action="${registrationUrl}">`);
    expect(answer.headers["content-security-policy"]).toContain(
      "form-action 'self' https://seller.example.com;",
    );
    expect((await shop.get("/agreements")).headers["content-security-policy"]).toContain(
      "form-action 'self';",
    );
    expect(Object.keys(posted)).toEqual(["x-amzn-marketplace-token"]);
    const metering = new MarketplaceMeteringClient(shop.as("Everything"));
    const RegistrationToken = posted["x-amzn-marketplace-token"];
    expect(await metering.send(new ResolveCustomerCommand({ RegistrationToken }))).toMatchObject({
      CustomerAWSAccountId: "700000000123",
    });
  });

  it("says so when it is a free trial", async () => {
    const { posted } = await handOver({ freeTrial: "on" });
    expect(posted["x-amzn-marketplace-offer-type"]).toBe("free-trial");
  });

  it("sends on a buyer whom AWS cannot charge, until that is known", async () => {
    const { posted } = await handOver({ paymentFails: "on" });
    expect(posted["x-amzn-marketplace-token"]).toBeDefined();
    const [agreement] = await agreements();
    const page = async () => (await shop.get(`/agreements/${String(agreement?.["agreementId"])}`)).text;
    const button = ">Set up your account</button>";
    expect(await page()).toContain(button);
    await shop.advance(120);
    expect(await page()).toContain("Payment failed");
    expect(await page()).not.toContain(button);
  });

  it("shows the token where nobody said to which page it goes", async () => {
    await shop.close();
    shop = await startStorefront();
    const { answer, posted } = await handOver({});
    expect(posted).toEqual({});
    expect(answer.text).toContain("was not told where the seller's registration page is");
    expect(answer.text).toMatch(/x-amzn-marketplace-token<\/code><\/dt>\s*<dd><code>[\w-]{60,}</);
  });
});

describe("an agreement", () => {
  let path = "";
  const subscribed = async (productCode: string, more: Record<string, string> = {}) => {
    const answer = await shop.post(`/listings/${productCode}`, { ...filledIn, ...more });
    path = new URL(String(answer.headers["location"]), shop.url).pathname.slice("/storefront".length);
    await shop.advance(120);
  };
  const statuses = async () => (await agreements()).map(({ status }) => status);

  it("is amended, replaced, renewed and cancelled, each leading to the agreement that goes on", async () => {
    await subscribed("new-contract", { "quantity:seats": "5" });
    await shop.post(`${path}/amend`, { "quantity:seats": "7" });
    expect((await agreements())[0]?.["entitlements"]).toEqual([{ dimension: "seats", value: 7 }]);
    for (const verb of ["replace", "renew"]) {
      const answer = await shop.post(`${path}/${verb}`, { "quantity:seats": "9", offerId: "", endOn: "" });
      const next = new URL(String(answer.headers["location"]), shop.url).pathname.slice("/storefront".length);
      expect(next).not.toBe(path);
      path = next;
    }
    await shop.post(`${path}/cancel`);
    expect(await statuses()).toEqual(["REPLACED", "RENEWED", "CANCELLED"]);
    expect((await shop.get(path)).text).not.toContain("Cancel the agreement");
  });

  it("turns its renewal on and off, and its buyer is suspended and reinstated", async () => {
    await subscribed("new-contract");
    await shop.post(`${path}/renewal-on`);
    expect((await agreements())[0]?.["autoRenew"]).toBe(true);
    await shop.post(`${path}/renewal-off`);
    expect((await agreements())[0]?.["autoRenew"]).toBe(false);
    await shop.post(`${path}/suspend`);
    expect((await shop.call("GET", "/buyers")).body["suspended"]).toMatchObject([
      { buyerAccountId: "700000000123" },
    ]);
    expect((await shop.get(path)).text).toContain(">Suspended<");
    expect((await shop.post(`${path}/reinstate`)).headers["location"]).toContain("done=reinstated");
    expect((await shop.call("GET", "/buyers")).body["suspended"]).toEqual([]);
  });

  it("refuses on its own page, and keeps what was filled in", async () => {
    const answer = await shop.post("/listings/new-contract", filledIn);
    path = new URL(String(answer.headers["location"]), shop.url).pathname.slice("/storefront".length);
    const early = await shop.post(`${path}/replace`, { "quantity:seats": "12", offerId: "offer-kept" });
    expect(early.status).toBe(409);
    expect(early.text).toContain("is not provisioned yet.");
    expect(early.text).toContain('value="offer-kept"');
    expect(await statuses()).toEqual(["ACTIVE"]);
  });

  it("that is not there is answered with a page that leads on", async () => {
    for (const answer of [
      await shop.get("/agreements/agmt-none"),
      await shop.post("/agreements/agmt-none/cancel"),
    ])
      expect(answer).toMatchObject({
        status: 404,
        text: expect.stringContaining("See what is sold") as string,
      });
  });
});

describe("the bill", () => {
  const report = async (records: readonly object[], ProductCode?: string) => {
    const metering = new MarketplaceMeteringClient(shop.as("Everything"));
    const base = { Dimension: "emails", CustomerAWSAccountId: "700000000123" };
    const UsageRecords = records.map((record): UsageRecord => ({ ...base, Timestamp: undefined, ...record }));
    await metering.send(new BatchMeterUsageCommand({ UsageRecords, ProductCode }));
  };
  const lines = async () => {
    const [content = ""] = /<main.*<\/main>/s.exec((await shop.get("/bill")).text) ?? [];
    return content.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  };

  it("shows what was taken by hour and by tags, and when last", async () => {
    const { licenseArn } = await shop.subscribe("moving-metered", { buyerAccountId: "700000000123" });
    await shop.advance(3 * 3_600);
    const [first, second] = [new Date("2026-08-20T15:00:00Z"), new Date("2026-08-20T16:00:00Z")];
    const tagged = { AllocatedUsageQuantity: 1_000, Tags: [{ Key: "team", Value: "growth" }] };
    await report([
      {
        LicenseArn: licenseArn,
        Timestamp: first,
        Quantity: 1_200,
        UsageAllocations: [tagged, { AllocatedUsageQuantity: 200 }],
      },
      { LicenseArn: licenseArn, Timestamp: second, Quantity: 34 },
    ]);
    expect(await lines()).toContain(
      "AWS last took usage 20 Aug 2026, 17:23:11 , and has 2 usage records in all.",
    );
    expect(await lines()).toContain(
      "By hour (UTC) 20 Aug, 16:00 34 20 Aug, 15:00 1,200 By tags team = growth 1,000 without tags 234",
    );
    await report([{ Timestamp: first, Quantity: 5 }], "moving-metered");
    expect(await lines()).toContain("1,239 billed in all");
    expect(await lines()).toMatch(/15:00 by license, us-east-1 1,200 .*15:00 by product code, us-east-1 5 /);
  });
});

it("opts an old listing in, once", async () => {
  await shop.post("/listings/old-metered/opt-in");
  expect((await shop.get("/listings/old-metered")).text).not.toContain("Opt in to Concurrent Agreements");
  expect((await shop.post("/listings/old-metered/opt-in")).status).toBe(409);
});

describe("faults", () => {
  const rules = async () => (await shop.call("GET", "/faults")).body["rules"] as Record<string, unknown>[];

  it("of every kind can be asked for, and are called on the page what they were called in the form", async () => {
    for (const [kind, { title, asked }] of Object.entries(faultKinds)) {
      await shop.post("/faults", { kind, how: "next", times: "3" });
      expect((await rules()).at(-1)).toMatchObject({ ...asked, next: 3, struck: 0 });
      expect((await shop.get("/faults")).text).toContain(
        `<td data-label="What">${title.replaceAll("'", "&#39;")}`,
      );
      await shop.post("/faults/clear");
    }
  });

  it("are kept to what was chosen, go on until they are taken back, and are taken back one by one", async () => {
    await shop.post("/faults", { kind: "throttle", of: "BatchMeterUsage", how: "always", times: "1" });
    await shop.post("/faults", { kind: "drop", of: "license-updated", how: "next", times: "1" });
    expect(await rules()).toMatchObject([
      { fault: "throttle", operation: "BatchMeterUsage", probability: 1 },
      { fault: "drop", kind: "license-updated", next: 1 },
    ]);
    await shop.post("/faults/chaos-on");
    await shop.post(`/faults/take-back/${String((await rules())[0]?.["name"])}`);
    await shop.post("/faults/chaos-off");
    expect(await rules()).toMatchObject([{ fault: "drop" }]);
  });

  it.each([
    [{ kind: "earthquake" }, "There is no such fault."],
    [{ kind: "constructor" }, "There is no such fault."],
    [{ times: "0" }, "How often is a whole number from 1 to 1000."],
    [{ how: "often" }, "Choose the next times, or always."],
    [{ of: "no-such-kind" }, "There is no such fault."],
  ])("are refused in a sentence: %o", async (wrong, sentence) => {
    const answer = await shop.post("/faults", { kind: "drop", how: "next", times: "1", ...wrong });
    expect([answer.status, answer.text.includes(sentence)]).toEqual([400, true]);
    expect(await rules()).toEqual([]);
  });
});

it("moves the clock and leads back to where one was, on the storefront only", async () => {
  const at = async () => (await shop.call("GET", "/clock")).body;
  const there = await shop.post("/clock", { go: "hour", back: "/storefront/bill" });
  expect(there.headers["location"]).toBe("/storefront/bill?done=clock-changed");
  expect(await at()).toEqual({ now: "2026-08-20T15:15:00.000Z", rate: 0 });
  for (const back of [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/storefront\\@elsewhere.example",
  ]) {
    const { headers } = await shop.post("/clock", { go: "minute", back });
    expect(headers["location"]).toBe("/storefront");
  }
  expect((await at())["rate"]).toBe(60);
});

import { makeLogger } from "@tollhouse/aws/logging/logger";
import type { TokenResolver } from "@tollhouse/core/lifecycle/register";
import {
  analyticsCode,
  at,
  buyerAccountId,
  exampleConfiguration,
  licenseArn,
} from "@tollhouse/core/memory/example";
import type { Measured } from "@tollhouse/aws/metric/measure";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { fixedClock } from "@tollhouse/core/time/clock";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { registrationSite } from "./site.ts";

type Answer = Awaited<ReturnType<TokenResolver["resolve"]>>;
const buyer = { productCode: analyticsCode, buyerAccountId };

function world(answer: Answer) {
  const { store } = memoryLifecycle();
  const measured: Measured[] = [];
  const ports = {
    store,
    clock: fixedClock(at("2026-08-20T14:23:11Z")),
    waker: { wake: () => Promise.resolve() },
    resolver: { resolve: () => Promise.resolve(answer) },
    measure: (each: Measured) => void measured.push(each),
  };
  const site = registrationSite(ports, exampleConfiguration, makeLogger());
  const post = (fields: Record<string, string>) =>
    site.request("/register", { method: "POST", body: new URLSearchParams(fields) });
  return { site, post, store, measured, resolve: (next: Answer) => (answer = next) };
}

const token = 'a"<token>';
const visit = { "x-amzn-marketplace-token": token };
const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];

describe("a buyer whose license AWS has not named", () => {
  test("is registered, may go on, and the page asks again with the same token by itself", async () => {
    const { post } = world({ buyer });
    const response = await post(visit);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("You are registered");
    expect(html).toContain(exampleConfiguration.registrationPage.continueUrl);
    expect(hidden(html, "x-amzn-marketplace-token")).toBe("a&quot;&lt;token&gt;");
    expect(hidden(html, "attempt")).toBe("1");
    const script = /<script>(.*)<\/script>/.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(response.headers.get("content-security-policy")).toContain(`script-src 'sha256-${hash}'`);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is asked to press the button after two minutes of asking by itself", async () => {
    const { post } = world({ buyer });
    expect(await (await post({ ...visit, attempt: "23" })).text()).toContain("<script>");
    const html = await (await post({ ...visit, attempt: "24" })).text();
    expect(html).not.toContain("<script>");
    expect(html).toContain("Check again");
  });

  test("and who is not named either is asked to wait, and the page asks again", async () => {
    const { post } = world({ buyer: { productCode: analyticsCode, licenseArn } });
    const response = await post({ ...visit, attempt: "nonsense" });
    expect(response.status).toBe(503);
    const html = await response.text();
    expect(html).not.toContain("You are registered");
    expect(hidden(html, "attempt")).toBe("1");
  });

  test("is told so once, when the license is named", async () => {
    const { post, measured } = world({ buyer: { ...buyer, licenseArn } });
    const html = await (await post({ ...visit, attempt: "3" })).text();
    expect(measured).toEqual([{ BuyersRegistered: 1 }]);
    expect(html).toContain("You are registered");
    expect(html).not.toContain("<form");
    expect(html).not.toContain("token");
  });
});

describe("a seller's own reference", () => {
  const id = customerIdOf({ buyerAccountId });

  test("is kept while the page asks again, and names the customer from the first answer on", async () => {
    const { post, store, resolve } = world({ buyer });
    const html = await (await post({ ...visit, reference: " tenant-42 " })).text();
    expect(hidden(html, "reference")).toBe("tenant-42");
    expect(await store.customersOf("tenant-42")).toEqual([id]);
    resolve({ buyer: { ...buyer, licenseArn } });
    const response = await post({ ...visit, attempt: "1", reference: hidden(html, "reference") ?? "" });
    expect(await response.text()).toContain("You are registered");
    expect(await store.loadCustomer(id)).toMatchObject({ reference: "tenant-42" });
  });

  test("that cannot be taken is refused in words, and the same token goes on without it", async () => {
    const { post, store } = world({ buyer: { ...buyer, licenseArn } });
    const response = await post({ ...visit, reference: 'cus-"><script>' });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain("1 to 128 letters, digits");
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("You are registered");
    expect(hidden(html, "reference")).toBeUndefined();
    expect(hidden(html, "x-amzn-marketplace-token")).toBe("a&quot;&lt;token&gt;");
    expect(await store.loadCustomer(id)).toBeUndefined();
    expect(await (await post(visit)).text()).toContain("You are registered");
    expect(await store.loadCustomer(id)).not.toHaveProperty("reference");
  });

  test("that comes with the same token after all is taken", async () => {
    const { post, store } = world({ buyer: { ...buyer, licenseArn } });
    await post(visit);
    await post({ ...visit, reference: "tenant-42" });
    expect(await store.loadCustomer(id)).toMatchObject({ reference: "tenant-42" });
  });

  test("left empty is none", async () => {
    const { post, store } = world({ buyer: { ...buyer, licenseArn } });
    expect((await post({ ...visit, reference: "" })).status).toBe(200);
    expect(await store.loadCustomer(id)).not.toHaveProperty("reference");
  });
});

describe("a visit without use", () => {
  test.each([
    ["no token", {}, 400],
    ["an endless token", { "x-amzn-marketplace-token": "t".repeat(8_193) }, 400],
    ["a form that is too large", { "x-amzn-marketplace-token": "t".repeat(20_000) }, 413],
  ])("with %s is refused", async (_, fields: Record<string, string>, status) => {
    const { post } = world({ buyer });
    expect((await post(fields)).status).toBe(status);
  });

  test("by GET is answered with what to do", async () => {
    const response = await world({ buyer }).site.request("/register");
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Set up your account");
  });
});

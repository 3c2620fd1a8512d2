import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import {
  analyticsCode,
  buyerAccountId,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
} from "@tollhouse/core/memory/example";
import { decodeJwt } from "jose";
import { createHash } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { exampleWorld, fieldIn, titleIn } from "./example-world.ts";

afterEach(() => vi.restoreAllMocks());

const buyer = { productCode: analyticsCode, buyerAccountId };
const named = { ...buyer, licenseArn };
const id = customerIdOf({ buyerAccountId });
const awsToken = "x-amzn-marketplace-token";

describe("a buyer whose license AWS has named", () => {
  test("is registered, and sees how the subscription stands, where to give an address, and whom to ask", async () => {
    const { enter, measured } = await exampleWorld({ buyer: named });
    const response = await enter();
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(measured).toEqual([{ BuyersRegistered: 1 }]);
    expect(titleIn(html)).toBe("You are registered");
    expect(html).toContain("Example Analytics");
    expect(html).toContain("AWS has not confirmed the subscription yet");
    expect(html).toMatch(/type="email"[^>]*required/);
    expect(html).toContain("log in");
    expect(html).toContain(exampleConfiguration.registrationPage.supportContact);
    expect(html).not.toContain("aws-token");
  });

  test("is told as soon as it is active, by the page itself", async () => {
    const { enter, post, tell } = await exampleWorld({ buyer: named });
    const visit = fieldIn(await (await enter()).text(), "visit") ?? "";
    const before = (await (await post("/register/status", { visit })).json()) as object;
    expect(before).toMatchObject({ title: "You are registered", settled: false, fields: {} });
    await tell(example.licenseUpdated("f-1", "2026-08-20T14:24:00Z"));
    const after: unknown = await (await post("/register/status", { visit })).json();
    expect(after).toMatchObject({ title: "Your subscription is active", tone: "good", settled: true });
    const again = await (await post("/register", { visit })).text();
    expect(titleIn(again)).toBe("Your subscription is active");
  });

  test("and who comes again is registered again, whatever was there", async () => {
    const { enter, store } = await exampleWorld({ buyer: named });
    await enter();
    expect((await enter()).status).toBe(200);
    expect(await store.subscriptionsOf(id)).toHaveLength(1);
  });

  test("and whose subscription has ended since is told so, and can log in", async () => {
    const { enter, tell } = await exampleWorld({ buyer: named });
    await tell(example.licenseUpdated("f-0", "2026-08-20T13:00:00Z"));
    await tell(example.licenseDeprovisioned("f-1", "2026-08-20T14:24:00Z"));
    const html = await (await enter()).text();
    expect(titleIn(html)).toBe("This subscription has ended");
    expect(html).toContain("log in");
  });
});

describe("a buyer whose license AWS has not named", () => {
  test("is registered and may go on; the page keeps the token until its license is named", async () => {
    const { enter, post, resolve, measured } = await exampleWorld({ buyer });
    const html = await (await enter()).text();
    expect(titleIn(html)).toBe("You are registered");
    expect(html).toContain("AWS is still preparing your license");
    const fields = { visit: fieldIn(html, "visit") ?? "", [awsToken]: fieldIn(html, awsToken) ?? "" };
    expect(fields[awsToken]).toBe("aws-token");
    expect(measured).toEqual([{ BuyersRegistered: 0 }]);
    const waiting = (await (await post("/register/status", fields)).json()) as { fields: object };
    expect(waiting).toMatchObject({ settled: false, fields: {} });
    resolve({ buyer: named });
    const answer = (await (await post("/register/status", fields)).json()) as {
      fields: Record<string, string>;
    };
    expect(answer.fields[awsToken]).toBe("");
    expect(answer.fields["visit"]).not.toBe(fields.visit);
    expect(measured.at(-1)).toEqual({ BuyersRegistered: 1 });
  });

  test("but an event has, is told of the subscription, and the product is told, too", async () => {
    const { enter, post, tell, tokens } = await exampleWorld({ buyer });
    const html = await (await enter()).text();
    await tell(example.licenseUpdated("f-1", "2026-08-20T14:24:00Z"));
    const fields = { visit: fieldIn(html, "visit") ?? "", [awsToken]: "aws-token" };
    expect(await (await post("/register/status", fields)).json()).toMatchObject({
      tone: "good",
      settled: true,
    });
    const onward = await (await post("/register/continue", { ...fields, to: "login" })).text();
    const claims = decodeJwt(fieldIn(onward, "tollhouse-token") ?? "");
    expect(claims).toMatchObject({ subscription: licenseId, license: licenseArn });
    expect(tokens.published.keys).toHaveLength(1);
  });

  test("has a page that forgets a token which AWS knows no more", async () => {
    const { enter, post, resolve } = await exampleWorld({ buyer });
    const fields = { visit: fieldIn(await (await enter()).text(), "visit") ?? "", [awsToken]: "aws-token" };
    resolve({ refused: "expired" });
    expect(await (await post("/register/status", fields)).json()).toMatchObject({
      fields: { [awsToken]: "" },
    });
  });

  test("and whose page is sent somebody else's token stays who it is", async () => {
    const { enter, post, resolve } = await exampleWorld({ buyer });
    const html = await (await enter()).text();
    resolve({ buyer: { ...named, buyerAccountId: "999999999999" } });
    const fields = { visit: fieldIn(html, "visit") ?? "", [awsToken]: "stolen" };
    expect(await (await post("/register/status", fields)).json()).toMatchObject({ fields: {} });
  });

  test("and who is not named either is asked to wait, and the page asks again by itself for two minutes", async () => {
    const { enter } = await exampleWorld({ buyer: { productCode: analyticsCode, licenseArn } });
    const response = await enter({ attempt: "nonsense" });
    expect(response.status).toBe(503);
    const html = await response.text();
    expect(titleIn(html)).toBe("AWS is still preparing your subscription");
    expect(fieldIn(html, "attempt")).toBe("1");
    expect(html).toContain("<script>");
    const last = await (await enter({ attempt: "24" })).text();
    expect(last).not.toContain("<script>");
    expect(last).toContain("Check again");
  });
});

describe("a visit without use", () => {
  test.each([
    ["no token", {}, 400, "Something is missing"],
    ["an endless token", { [awsToken]: "t".repeat(8_193) }, 400, "Something is missing"],
    ["a form that is too large", { [awsToken]: "t".repeat(20_000) }, 413, "That was too much"],
    ["a visit that nobody signed", { visit: "a.b.c" }, 400, "This page has been open for too long"],
  ])("with %s is refused in words", async (_, fields: Record<string, string>, status, title) => {
    const { post, resolved } = await exampleWorld({ buyer });
    const response = await post("/register", fields);
    expect(response.status).toBe(status);
    expect(titleIn(await response.text())).toBe(title);
    expect(resolved).toEqual([]);
  });

  test.each([
    ["expired", "This link has expired"],
    ["invalid", "AWS does not know this link"],
  ] as const)("with a token that is %s says what to do", async (refused, title) => {
    const { enter } = await exampleWorld({ refused });
    const response = await enter();
    const html = await response.text();
    expect([response.status, titleIn(html)]).toEqual([400, title]);
    expect(html).toContain("Set up your account");
    expect(html).toContain("log in");
  });

  test("for another product is refused, with whom to write to", async () => {
    const { enter } = await exampleWorld({ buyer: { ...named, productCode: "other" } });
    expect(titleIn(await (await enter()).text())).toBe("This product is not set up here");
  });

  test("by GET is answered with what to do, wherever it leads", async () => {
    const { get } = await exampleWorld({ buyer });
    const response = await get("/register");
    const html = await response.text();
    expect([response.status, titleIn(html)]).toEqual([200, "Welcome"]);
    expect(html).toContain('href="https://app.example.com/login"');
    for (const step of ["continue", "status", "nowhere"]) {
      const back = await get(`/register/${step}`);
      expect([back.status, back.headers.get("location")]).toEqual([303, "/register"]);
    }
    expect((await get("/")).status).toBe(404);
  });

  test("while AWS is away keeps the token, so that one press tries again", async () => {
    const { enter, resolve, logged } = await exampleWorld(new Error("AWS is away"));
    const response = await enter();
    const html = await response.text();
    expect([response.status, titleIn(html)]).toEqual([503, "We could not reach AWS just now"]);
    expect(fieldIn(html, awsToken)).toBe("aws-token");
    expect(html).toContain("Try again");
    resolve({ buyer: named });
    expect((await enter()).status).toBe(200);
    expect(JSON.stringify(logged)).not.toContain("aws-token");
  });
});

describe("a seller's own reference", () => {
  test("is kept while AWS names the license, and names the customer from the first answer on", async () => {
    const { enter, post, store, resolve } = await exampleWorld({ buyer });
    const html = await (await enter({ reference: " tenant-42 " })).text();
    expect(fieldIn(html, "reference")).toBe("tenant-42");
    expect(await store.customersOf("tenant-42")).toEqual([id]);
    resolve({ buyer: named });
    const fields = { visit: fieldIn(html, "visit") ?? "", [awsToken]: "aws-token", reference: "tenant-42" };
    await post("/register/status", fields);
    expect(await store.loadCustomer(id)).toMatchObject({ reference: "tenant-42" });
  });

  test("that cannot be taken is refused in words, and the same token goes on without it", async () => {
    const { enter, store } = await exampleWorld({ buyer: named });
    const response = await enter({ reference: 'cus-"><script>' });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain("1 to 128 letters, digits");
    expect(html).not.toContain('"><script>');
    expect(fieldIn(html, "reference")).toBeUndefined();
    expect(fieldIn(html, awsToken)).toBe("aws-token");
    expect(await store.loadCustomer(id)).toBeUndefined();
    expect(titleIn(await (await enter()).text())).toBe("You are registered");
    expect(await store.loadCustomer(id)).not.toHaveProperty("reference");
  });

  test("that comes with the same token after all is taken; left empty it is none", async () => {
    const { enter, store } = await exampleWorld({ buyer: named });
    await enter({ reference: "" });
    expect(await store.loadCustomer(id)).not.toHaveProperty("reference");
    await enter({ reference: "tenant-42" });
    expect(await store.loadCustomer(id)).toMatchObject({ reference: "tenant-42" });
  });
});

describe("what a browser may do with the pages", () => {
  test("is told in each answer: no frames, no foreign scripts, no forms but to us, no copies", async () => {
    const { enter, get } = await exampleWorld({ buyer: named });
    for (const response of [await enter(), await get("/register"), await get("/register/confirm")]) {
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toMatch(/form-action 'self'(;|$)/);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("referrer-policy")).toBe("same-origin");
      for (const [, script = ""] of (await response.text()).matchAll(/<script>([\s\S]*?)<\/script>/g))
        expect(policy).toContain(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    }
  });

  test.each(["status", "continue", "confirm"])(
    "does not let another website press a button of ours: %s",
    async (step) => {
      const { enter, post } = await exampleWorld({ buyer: named });
      const visit = fieldIn(await (await enter()).text(), "visit") ?? "";
      const response = await post(`/register/${step}`, { visit, to: "login" }, "https://evil.example.com");
      expect(response.status).toBe(403);
      expect(titleIn(await response.text())).toBe("This was not sent from here");
    },
  );

  test("shows the seller's logo, colours and words, and nothing else from elsewhere", async () => {
    const page = {
      sellerName: 'A & "B" <script>',
      brand: {
        logoUrl: "https://cdn.example.com/logo.svg",
        accentColor: "#ffdd00",
        accentColorDark: "#002266",
      },
      texts: { nextSteps: "<b>We</b> will call you.", welcome: "Nice to see you." },
    };
    const { enter, get } = await exampleWorld({ buyer: named }, page);
    const response = await enter();
    const html = await response.text();
    expect(response.headers.get("content-security-policy")).toContain("img-src https://cdn.example.com");
    expect(html).toContain('src="https://cdn.example.com/logo.svg"');
    expect(html).toContain("--accent: #ffdd00; --on-accent: #000000");
    expect(html).toContain("--accent: #002266; --on-accent: #ffffff");
    expect(html).not.toContain("<b>We</b>");
    expect(html).toContain("&lt;b&gt;We");
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(await (await get("/register")).text()).toContain("Nice to see you.");
  });
});

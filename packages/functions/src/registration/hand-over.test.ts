import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import { analyticsCode, buyerAccountId, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { drawKey, exampleWorld, fieldIn, origin, titleIn } from "./example-world.ts";
import { readSigningKeys } from "./signing-keys.ts";
import { makeTokens } from "./token.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const buyer = { productCode: analyticsCode, buyerAccountId };
const named = { ...buyer, licenseArn };
const id = customerIdOf({ buyerAccountId });

async function onThePage(answer: Parameters<typeof exampleWorld>[0] = { buyer: named }) {
  const world = await exampleWorld(answer);
  const visit = fieldIn(await (await world.enter({ reference: "tenant-42" })).text(), "visit") ?? "";
  const goOn = async (fields: Record<string, string>) => {
    const response = await world.post("/register/continue", { visit, ...fields });
    return { response, html: await response.text() };
  };
  const verify = (html: string, audience: string) =>
    jwtVerify(fieldIn(html, "tollhouse-token") ?? "", createLocalJWKSet(world.tokens.published), {
      ...{ issuer: origin, audience, typ: "tollhouse-buyer+jwt", algorithms: ["ES256"] },
    });
  return { ...world, visit, goOn, verify };
}

describe("a buyer who goes on", () => {
  test("is handed to the seller's page with a token for it that names customer, product and license", async () => {
    const { goOn, verify, store, logged } = await onThePage();
    const { response, html } = await goOn({ email: " jane@example.com ", to: "product" });
    expect(response.status).toBe(200);
    expect(html).toContain('action="https://app.example.com/welcome"');
    expect(html).toContain("submit()");
    expect(response.headers.get("content-security-policy")).toMatch(/form-action 'self' https:/);
    const { payload } = await verify(html, "https://app.example.com");
    expect(payload).toMatchObject({
      ...{ sub: id, product: analyticsCode, license: licenseArn, subscription: licenseId },
      ...{ email: "jane@example.com", email_verified: false, reference: "tenant-42" },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(await store.loadCustomer(id)).toMatchObject({ contact: { email: "jane@example.com" } });
    expect(JSON.stringify(logged)).not.toContain("jane");
  });

  test("to log in needs no address, and takes the token to where one logs in", async () => {
    const { goOn, verify, store } = await onThePage();
    const { html } = await goOn({ email: "", to: "login" });
    expect(html).toContain('action="https://app.example.com/login"');
    expect((await verify(html, "https://app.example.com")).payload).not.toHaveProperty("email");
    expect(await store.loadCustomer(id)).not.toHaveProperty("contact");
  });

  test("before AWS has named the license is handed over all the same, without one", async () => {
    const { goOn, verify } = await onThePage({ buyer });
    const { html } = await goOn({ email: "jane@example.com" });
    const { payload } = await verify(html, "https://app.example.com");
    expect(payload).toMatchObject({ sub: id, product: analyticsCode });
    expect(payload).not.toHaveProperty("license");
  });

  test.each([
    ["", "Give the e-mail address"],
    ['"><script>alert(1)</script>', "This is no e-mail address"],
    [`${"j".repeat(250)}@example.com`, "at most 254"],
  ])("without a good address (%j) is told so, and finds what was typed", async (email, mistake) => {
    const { goOn, store, visit } = await onThePage();
    const { response, html } = await goOn({ email });
    expect(response.status).toBe(400);
    expect(html).toContain(mistake);
    expect(html).toContain('aria-invalid="true"');
    expect(html).not.toContain("<script>alert");
    expect(fieldIn(html, "visit")).toBe(visit);
    expect(await store.loadCustomer(id)).not.toHaveProperty("contact");
  });

  test("again need not type the address again, of which the page shows no more than is needed", async () => {
    const { goOn, enter, verify } = await onThePage();
    await goOn({ email: "jane@example.com" });
    const page = await (await enter()).text();
    expect(page).toContain("j•••@example.com");
    expect(page).not.toContain("jane@");
    expect(page).not.toMatch(/type="email"[^>]*required/);
    const { response, html } = await goOn({ email: "" });
    expect(response.status).toBe(200);
    expect((await verify(html, "https://app.example.com")).payload).toMatchObject({
      email: "jane@example.com",
    });
  });

  test("with one address after another is stopped before we write to strangers", async () => {
    const { goOn } = await onThePage();
    for (let stranger = 0; stranger < 5; stranger += 1)
      await goOn({ email: `stranger-${stranger}@example.com` });
    const { response, html } = await goOn({ email: "stranger-5@example.com" });
    expect(response.status).toBe(400);
    expect(html).toContain("Too many addresses were given today");
  });

  test("after the customer was erased is told so, and handed over no more", async () => {
    const { goOn, post, store, visit, enter } = await onThePage();
    const known = await store.loadCustomer(id);
    if (known === undefined) throw new Error("nobody registered");
    const { version, registeredAt } = known;
    await store.storeCustomer({ id, version: version + 1, registeredAt, erasedAt: registeredAt }, []);
    for (const to of ["login", "product"]) {
      const { response, html } = await goOn({ to, email: "jane@example.com" });
      expect([response.status, titleIn(html)]).toEqual([400, "Your registration was erased"]);
    }
    expect(titleIn(await (await post("/register", { visit })).text())).toBe("Your registration was erased");
    // The same token of AWS again is the same registration; a new one is another.
    expect(titleIn(await (await enter({ reference: "tenant-42" })).text())).toBe(
      "Your registration was erased",
    );
  });

  test("and types a bad address is still on our page: its forms lead nowhere else", async () => {
    const { goOn } = await onThePage();
    const { response, html } = await goOn({ email: "jane" });
    expect(response.headers.get("content-security-policy")).toMatch(/form-action 'self'(;|$)/);
    expect(html).toContain("<title>Please look at the e-mail address");
    expect(html).toMatch(/aria-invalid="true" autofocus/);
  });

  test("whose mail is lost is asked for another address", async () => {
    const { goOn, store, enter } = await onThePage();
    await goOn({ email: "jane@example.com" });
    const known = await store.loadCustomer(id);
    if (known?.contact === undefined) throw new Error("no address is known");
    const contact = { ...known.contact, undeliverableAt: known.registeredAt };
    await store.storeCustomer({ ...known, version: known.version + 1, contact }, []);
    expect(await (await enter()).text()).toContain("Mail to j•••@example.com does not arrive");
  });

  test("looks again by the visit that it has, which lives no longer by it", async () => {
    const { post, visit } = await onThePage();
    expect(fieldIn(await (await post("/register", { visit })).text(), "visit")).toBe(visit);
  });

  test("and meets a store that is away can try again, with what was typed", async () => {
    const { goOn, post, visit, store } = await onThePage();
    Object.assign(store, { loadCustomer: () => Promise.reject(new Error("away")) });
    const { response, html } = await goOn({ email: "jane@example.com" });
    expect(response.status).toBe(503);
    expect(html).toContain('action="/register/continue"');
    expect(fieldIn(html, "email")).toBe("jane@example.com");
    const looked = await (await post("/register", { visit })).text();
    expect(looked).toContain("Try again");
    expect(fieldIn(looked, "visit")).toBe(visit);
  });

  test("with a visit that is forged, or four hours old, is asked to come again", async () => {
    const world_ = await onThePage();
    const { post, visit, enter } = world_;
    const another = await makeTokens([await drawKey()], origin);
    const elsewhere = await makeTokens(world_.keys, "https://another.example.com");
    const ofAnother = await elsewhere.signVisit({ customerId: id, productCode: analyticsCode });
    const forged = await another.signVisit({ customerId: id, productCode: analyticsCode });
    const buyerToken = fieldIn(
      await (await post("/register/continue", { visit, to: "login" })).text(),
      "tollhouse-token",
    );
    for (const bad of [forged, ofAnother, buyerToken ?? "", "", `${visit.slice(0, -4)}AAAA`]) {
      const response = await post("/register/continue", { visit: bad, to: "login" });
      expect(response.status).toBe(400);
      expect(titleIn(await response.text())).toBe("This page has been open for too long");
    }
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 4 * 3_600_000 + 1_000 });
    const late = await post("/register/continue", { visit, to: "login" });
    expect(late.status).toBe(400);
    expect((await enter()).status).toBe(200);
  });
});

describe("the keys", () => {
  test("are published without what signs, and named by what each token names", async () => {
    const { get, goOn } = await onThePage();
    const response = await get("/.well-known/jwks.json");
    const published = (await response.json()) as { keys: Record<string, string>[] };
    expect(published.keys).toHaveLength(1);
    expect(Object.keys(published.keys[0] ?? {}).sort()).toEqual([
      "alg",
      "crv",
      "kid",
      "kty",
      "use",
      "x",
      "y",
    ]);
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    const token = fieldIn((await goOn({ to: "login" })).html, "tollhouse-token") ?? "";
    expect(decodeProtectedHeader(token)).toEqual({
      ...{ alg: "ES256", typ: "tollhouse-buyer+jwt", kid: published.keys[0]?.["kid"] },
    });
  });

  test("may be changed while buyers are on the page: the second still verifies, the first signs", async () => {
    const [older, newer] = [await drawKey(), await drawKey()];
    const before = await makeTokens([older], origin);
    const after = await makeTokens([newer, older], origin);
    const visit = { customerId: id, productCode: analyticsCode };
    expect(await after.readVisit(await before.signVisit(visit))).toMatchObject(visit);
    expect(decodeProtectedHeader(await after.signVisit(visit)).kid).toBe(after.published.keys[0]?.kid);
    expect(after.published.keys).toHaveLength(2);
    const gone = await makeTokens([newer], origin);
    expect(await gone.readVisit(await before.signVisit(visit))).toBeUndefined();
  });

  test("whose parts do not belong together stop the function with what to do", async () => {
    const [one, other] = [await drawKey(), await drawKey()];
    await expect(makeTokens([{ ...one, d: other.d }], origin)).rejects.toThrow("docs/registration.md");
    expect(() => readSigningKeys(JSON.stringify({ keys: [{ ...one, d: "short" }] }))).toThrow(
      "no signing keys",
    );
  });

  test.each(["", "secret-value", '{"keys":[]}', '{"keys":[{"kty":"oct","k":"secret-value"}]}'])(
    "that cannot be read stop the function with what to do, and without what was there: %j",
    (secret) => {
      expect(() => readSigningKeys(secret)).toThrow("npx tollhouse buyer-keys new");
      expect(() => readSigningKeys(secret)).not.toThrow("secret-value");
    },
  );
});

describe("the link in a mail", () => {
  const code = "code-that-nobody-guesses-1";

  test("confirms the address after a press, and not by being looked at", async () => {
    const { goOn, get, post, store, verify } = await onThePage();
    await goOn({ email: "jane@example.com" });
    const page = await get(`/register/confirm?customer=${id}&code=${code}`);
    expect(titleIn(await page.text())).toBe("Confirm your e-mail address");
    expect((await store.loadCustomer(id))?.contact?.confirmedAt).toBeUndefined();
    const done = await post("/register/confirm", { customer: id, code });
    expect([done.status, titleIn(await done.text())]).toEqual([200, "Thank you"]);
    expect((await store.loadCustomer(id))?.contact?.confirmedAt).toBeDefined();
    const { html } = await goOn({ to: "login" });
    expect((await verify(html, "https://app.example.com")).payload).toMatchObject({ email_verified: true });
  });

  test.each([
    [{ customer: id, code: "code-that-is-another-one-1" }],
    [{ customer: "cus-000000000000000000000000", code }],
    [{ customer: "x".repeat(300), code }],
    [{}],
  ])("that is none says so: %j", async (fields: Record<string, string>) => {
    const { goOn, post } = await onThePage();
    await goOn({ email: "jane@example.com" });
    const response = await post("/register/confirm", fields);
    expect([response.status, titleIn(await response.text())]).toEqual([
      400,
      "This link confirms nothing any more",
    ]);
  });
});

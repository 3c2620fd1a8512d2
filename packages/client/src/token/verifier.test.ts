import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { rememberTokens } from "./seen.ts";
import { createTokenVerifier, SigningKeysUnavailableError, type TokenVerifierOptions } from "./verifier.ts";

const issuer = "https://register.example.com";
const audience = "https://app.example.com";
const nowMs = Date.parse("2026-08-20T15:00:00Z");
const nowSeconds = nowMs / 1_000;

const own = await generateKeyPair("ES256", { extractable: true });
const foreign = await generateKeyPair("ES256", { extractable: true });
const published = { keys: [{ ...(await exportJWK(own.publicKey)), kid: "k-1", alg: "ES256", use: "sig" }] };

const buyer = {
  ...{ iss: issuer, aud: audience, sub: "cus-0123", jti: "t-1", iat: nowSeconds, exp: nowSeconds + 300 },
  ...{ product: "c0456", subscription: "l-1", license: "arn:aws:license-manager::1:license:l-1" },
  ...{ email: "ops@example.com", reference: "acme" },
};
const sign = (
  change: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = own.privateKey,
) =>
  new SignJWT({ ...buyer, ...change })
    .setProtectedHeader({ alg: "ES256", typ: "tollhouse-buyer+jwt", kid: "k-1", ...header })
    .sign(key);

/** A verifier before a door that publishes the keys, and how often it was asked. */
function world(
  given: Partial<TokenVerifierOptions> = {},
  answer: () => Response = () => Response.json(published),
) {
  const asked: string[] = [];
  const verify = createTokenVerifier({
    ...{ issuer, audience, now: () => nowMs },
    fetch: (url) => {
      asked.push(new Request(url).url);
      return Promise.resolve(answer());
    },
    ...given,
  });
  return { verify, asked };
}

test("a token of the registration page says who the buyer is; its keys are fetched once", async () => {
  const { verify, asked } = world();
  expect(await verify(await sign())).toEqual({
    ...{ kind: "verified", tokenId: "t-1", expiresAt: new Date(nowMs + 310_000) },
    buyer: {
      ...{ customerId: "cus-0123", productCode: "c0456", subscriptionId: "l-1", email: "ops@example.com" },
      ...{ licenseArn: "arn:aws:license-manager::1:license:l-1", reference: "acme" },
    },
  });
  const less = { subscription: undefined, license: undefined, email: undefined, reference: undefined };
  expect(await verify(await sign({ ...less, jti: "t-2" }))).toMatchObject({
    buyer: { customerId: "cus-0123", productCode: "c0456" },
  });
  expect(asked).toEqual([`${issuer}/.well-known/jwks.json`]);
});

describe("a token", async () => {
  const cut = async () => (await sign()).slice(0, -40);
  const changed = async () => {
    const [head, , signature] = (await sign()).split(".");
    const claims = Buffer.from(JSON.stringify({ ...buyer, sub: "cus-9999" })).toString("base64url");
    return [head, claims, signature].join(".");
  };
  const unsigned = () =>
    Promise.resolve(
      `${Buffer.from('{"alg":"none","typ":"tollhouse-buyer+jwt"}').toString("base64url")}.${Buffer.from(JSON.stringify(buyer)).toString("base64url")}.`,
    );
  const secret = new TextEncoder().encode(JSON.stringify(published.keys[0]));
  const symmetric = () =>
    new SignJWT(buyer)
      .setProtectedHeader({ alg: "HS256", typ: "tollhouse-buyer+jwt", kid: "k-1" })
      .sign(secret);

  const rsa = await generateKeyPair("RS256");
  const rsaPublished = { ...(await exportJWK(rsa.publicKey)), kid: "k-1" };
  const es512 = await generateKeyPair("ES512");
  const es512Published = { ...(await exportJWK(es512.publicKey)), kid: "k-1" };

  test.each<[string, object, typeof rsa.privateKey]>([
    ["RS256", rsaPublished, rsa.privateKey],
    ["ES512", es512Published, es512.privateKey],
  ])("signed by %s is refused, even with a key that is published", async (alg, key, privateKey) => {
    const { verify } = world({}, () => Response.json({ keys: [key] }));
    expect(await verify(await sign({}, { alg }, privateKey))).toMatchObject({ reason: "malformed" });
  });

  test("that could not be looked up fails with the store's own error, and not for missing keys", async () => {
    const { verify } = world({ seen: () => Promise.reject(new Error("the store is away")) });
    await expect(verify(await sign())).rejects.toThrow("the store is away");
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ["that is none", () => Promise.resolve(undefined), "malformed"],
    ["that a form does not have", () => Promise.resolve(new FormData().get("tollhouse-token")), "malformed"],
    ["that is a file", () => Promise.resolve(new File(["x"], "token")), "malformed"],
    ["that is bytes", async () => new TextEncoder().encode(await sign()), "malformed"],
    ["that is a number", () => Promise.resolve(1), "malformed"],
    ["that is any text", () => Promise.resolve("hello"), "malformed"],
    ["that is far too long", () => Promise.resolve("x".repeat(9_000)), "malformed"],
    ["that was cut", cut, "bad-signature"],
    ["that was changed", changed, "bad-signature"],
    ["without a signature", unsigned, "malformed"],
    ["signed with what is published as if it were a secret", symmetric, "malformed"],
    ["signed by somebody else", () => sign({}, {}, foreign.privateKey), "bad-signature"],
    ["signed with a key that is not published", () => sign({}, { kid: "k-2" }), "unknown-key"],
    ["made for another purpose", () => sign({}, { typ: "tollhouse-visit+jwt" }), "wrong-kind"],
    ["that does not say its purpose", () => sign({}, { typ: "JWT" }), "wrong-kind"],
    ["of another page", () => sign({ iss: "https://other.example.com" }), "wrong-issuer"],
    ["handed to somebody else", () => sign({ aud: "https://other.example.com" }), "wrong-audience"],
    ["that has expired", () => sign({ iat: nowSeconds - 311, exp: nowSeconds - 11 }), "expired"],
    ["that was made too long ago, whatever it says", () => sign({ iat: nowSeconds - 311 }), "expired"],
    ["of the future", () => sign({ iat: nowSeconds + 60 }), "not-yet-valid"],
    ["that names no buyer", () => sign({ sub: "somebody" }), "claims-missing"],
    ["without an id", () => sign({ jti: undefined }), "claims-missing"],
    ["without an end", () => sign({ exp: undefined }), "claims-missing"],
    ["without its product", () => sign({ product: undefined }), "claims-missing"],
  ])("%s is refused", async (_, make, reason) => {
    const { verify } = world();
    const verified = await verify(await make());
    expect(verified).toMatchObject({ kind: "refused", reason });
    expect(verified.kind === "refused" && verified.explanation.length > 20).toBe(true);
  });

  test("lets in once, where it is remembered", async () => {
    const { verify } = world({ seen: rememberTokens(() => nowMs) });
    const token = await sign();
    expect(await verify(token)).toMatchObject({ kind: "verified" });
    expect(await verify(token)).toMatchObject({ kind: "refused", reason: "replayed" });
    expect(await verify(await sign({ jti: "t-2" }))).toMatchObject({ kind: "verified" });
  });

  test.each<[string, () => Response]>([
    ["away", () => new Response("", { status: 503 })],
    ["no JSON", () => new Response("<html>")],
    [
      "out of reach",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
  ])("whose keys are %s is neither verified nor refused: it may be tried again", async (_, answer) => {
    const { verify } = world({}, answer);
    await expect(verify(await sign())).rejects.toThrow(SigningKeysUnavailableError);
  });
});

test("what was used is forgotten once it has expired, and not before", () => {
  let now = 0;
  const seen = rememberTokens(() => now);
  const until = (seconds: number) => new Date(seconds * 1_000);
  expect([seen("a", until(10)), seen("b", until(20)), seen("a", until(10))]).toEqual([false, false, true]);
  now = 9_999;
  expect(seen("a", until(10))).toBe(true);
  now = 10_000;
  expect([seen("a", until(30)), seen("b", until(20))]).toEqual([false, true]);
});

import { calculateJwkThumbprint, importJWK } from "jose";
import * as z from "zod";

/** 32 bytes in base64url. */
const coordinate = z.string().regex(/^[\w-]{43}$/);

/** An EC key on P-256, with its private part, as JSON Web Key (RFC 7518, section 6.2). */
const privateKey = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
  d: coordinate,
});
export type PrivateKey = z.output<typeof privateKey>;

/** The first signs; the second, if there is one, signed until a moment ago and is still published. */
const signingKeysSchema = z.strictObject({ keys: z.array(privateKey).min(1).max(2) });

/** The secret BuyerTokenKeys holds something else. */
class SigningKeysError extends Error {
  readonly code = "signing-keys-unreadable";
  constructor() {
    super(
      "The secret BuyerTokenKeys holds no signing keys. Set it with `npx tollhouse buyer-keys new` as docs/registration.md says, then deploy again.",
    );
    this.name = "SigningKeysError";
  }
}

/** Reads the secret. @throws SigningKeysError, which shows nothing of what it holds */
export function readSigningKeys(secret: string): readonly PrivateKey[] {
  const parsed = signingKeysSchema.safeParse(jsonOf(secret));
  if (parsed.success) return parsed.data.keys;
  throw new SigningKeysError();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The key to sign with. @throws SigningKeysError when its parts do not belong together */
export async function importSigningKey(key: PrivateKey): ReturnType<typeof importJWK> {
  try {
    return await importJWK(key, "ES256");
  } catch {
    throw new SigningKeysError();
  }
}

/** What everybody may know of a key, named by its own thumbprint (RFC 7638). */
export async function publicKey({ kty, crv, x, y }: PrivateKey) {
  const key = { kty, crv, x, y };
  return { ...key, alg: "ES256", use: "sig", kid: await calculateJwkThumbprint(key) };
}

import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import * as z from "zod";

export interface TokenVerifierOptions {
  /** The origin of the registration page, which signs: that of the stack's `registrationUrl`. */
  readonly issuer: string;
  /** The origin of your page to which the buyer is handed, e.g. `https://app.example.com`. */
  readonly audience: string;
  /**
   * Says whether a token was seen before, and remembers it until it expires. With it, a token lets in once: give `rememberTokens()`, or one
   * that all your processes share. What it throws, `verify` throws.
   */
  readonly seen?: ((tokenId: string, expiresAt: Date) => boolean | Promise<boolean>) | undefined;
  /** After how many milliseconds the signing keys are given up; 3,000. They are kept for ten minutes. */
  readonly timeoutMs?: number | undefined;
  /** Fetches the signing keys; the runtime's own when left out. */
  readonly fetch?: typeof fetch | undefined;
  /** The present, in milliseconds since 1970; the system's clock when left out. For tests. */
  readonly now?: (() => number) | undefined;
}

/** Whom AWS Marketplace sent, as Tollhouse vouches for it. */
export interface Buyer {
  /** `cus-…`; usage and access may be asked by it. */
  readonly customerId: string;
  readonly productCode: string;
  /** Absent while AWS has not named the license; events tell it later. */
  readonly subscriptionId?: string | undefined;
  readonly licenseArn?: string | undefined;
  /** An address at which the AWS account behind this customer can be written to. */
  readonly email?: string | undefined;
  /** Whether mail to it arrives. It does not say that the person in this browser owns the address: log nobody in by it. */
  readonly emailVerified?: boolean | undefined;
  /** Your own name for the buyer, when it was given at the registration. */
  readonly reference?: string | undefined;
}

/** Why a token lets nobody in, and what each means. */
export const tokenRefusals = {
  malformed: "this is no token of a buyer: it was cut, changed or made by somebody else",
  "wrong-kind": "this token was made for another purpose",
  "unknown-key": "the token is signed with a key that the registration page does not publish",
  "bad-signature": "the token was changed after it was signed",
  expired: "the token is older than five minutes: let the buyer come from the registration page once more",
  "not-yet-valid": "the token is of the future: compare this machine's clock",
  "wrong-issuer": "the token is of another registration page than the configured issuer",
  "wrong-audience": "the token was handed to another page than the configured audience",
  "claims-missing": "the token says nothing, or nothing readable, of the buyer",
  replayed: "the token was used before: let the buyer come from the registration page once more",
} as const;
export type TokenRefusal = keyof typeof tokenRefusals;

export type Verified =
  | { readonly kind: "verified"; readonly buyer: Buyer; readonly tokenId: string; readonly expiresAt: Date }
  | { readonly kind: "refused"; readonly reason: TokenRefusal; readonly explanation: string };

/** The signing keys could not be fetched: nothing is known of the token, and it may be tried again. */
export class SigningKeysUnavailableError extends Error {
  readonly code = "signing-keys-unavailable";
  readonly retryable = true;
  constructor(url: URL, cause: unknown) {
    super(
      `The registration page's signing keys could not be fetched from ${url.href}. Try again in a moment.`,
      {
        cause,
      },
    );
    this.name = "SigningKeysUnavailableError";
  }
}

/** The form field in which the registration page hands the token over. */
export const tokenField = "tollhouse-token";

/** RFC 7519 claims, and Tollhouse's own. */
const claims = z.object({
  sub: z.string().regex(/^cus-./),
  jti: z.string().min(1),
  exp: z.number(),
  product: z.string().min(1),
  subscription: z.string().optional(),
  license: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  reference: z.string().optional(),
});

/** No real token has two kilobytes. */
const maxTokenLength = 8_192;
/** Two clocks differ by so many seconds at most. */
const clockToleranceSeconds = 10;

/**
 * @param token as it was posted; whatever is no text is refused as malformed
 * @throws SigningKeysUnavailableError, or what `seen` throws: of the token nothing is known then
 */
export type VerifyToken = (token: unknown) => Promise<Verified>;

/**
 * Makes what tells whether a token, posted to your page as `tollhouse-token`, was signed by the registration page for you, a moment ago.
 * @throws TypeError when issuer or audience is no origin
 */
export function createTokenVerifier(options: TokenVerifierOptions): VerifyToken {
  const issuer = new URL(options.issuer).origin;
  const audience = new URL(options.audience).origin;
  const url = new URL("/.well-known/jwks.json", issuer);
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: options.timeoutMs ?? 3_000,
    ...(options.fetch !== undefined && { [customFetch]: options.fetch }),
  });
  const now = options.now ?? Date.now;
  const payloadOf = async (token: string): Promise<JWTPayload | TokenRefusal> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience, typ: "tollhouse-buyer+jwt", algorithms: ["ES256"] },
        ...{ clockTolerance: clockToleranceSeconds, maxTokenAge: "5 minutes", currentDate: new Date(now()) },
      });
      return payload;
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw new SigningKeysUnavailableError(url, error);
      return reason;
    }
  };
  return async (token) => {
    if (typeof token !== "string" || token.length > maxTokenLength) return refused("malformed");
    const payload = await payloadOf(token);
    if (typeof payload === "string") return refused(payload);
    const read = claims.safeParse(payload);
    if (!read.success) return refused("claims-missing");
    const { jti: tokenId, exp } = read.data;
    const expiresAt = new Date((exp + clockToleranceSeconds) * 1_000);
    if ((await options.seen?.(tokenId, expiresAt)) === true) return refused("replayed");
    return { kind: "verified", buyer: buyerOf(read.data), tokenId, expiresAt };
  };
}

const refused = (reason: TokenRefusal): Verified => ({
  kind: "refused",
  reason,
  explanation: tokenRefusals[reason],
});

const buyerOf = ({
  sub,
  product,
  subscription,
  license,
  email,
  email_verified: emailVerified,
  reference,
}: z.output<typeof claims>): Buyer => ({
  customerId: sub,
  productCode: product,
  ...(subscription !== undefined && { subscriptionId: subscription }),
  ...(license !== undefined && { licenseArn: license }),
  ...(email !== undefined && { email }),
  ...(emailVerified !== undefined && { emailVerified }),
  ...(reference !== undefined && { reference }),
});

/** `undefined` when the fault is not the token's. */
function refusalOf(error: unknown): TokenRefusal | undefined {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusals[error.claim] ?? "claims-missing";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "bad-signature";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "unknown-key";
  const isMalformed =
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported;
  return isMalformed ? "malformed" : undefined;
}

const claimRefusals: Partial<Record<string, TokenRefusal>> = {
  iss: "wrong-issuer",
  aud: "wrong-audience",
  typ: "wrong-kind",
  nbf: "not-yet-valid",
  iat: "not-yet-valid",
};

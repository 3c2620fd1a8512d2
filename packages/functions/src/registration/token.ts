import {
  type CryptoKey,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  jwtVerify,
  SignJWT,
} from "jose";
import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { importSigningKey, type PrivateKey, publicKey } from "./signing-keys.ts";

/** Said in each token's header, so that one kind is never taken for another (RFC 8725, section 3.11). */
const buyerType = "tollhouse-buyer+jwt";
const visitType = "tollhouse-visit+jwt";
/** For whom a visit is: this page itself. */
const visitAudience = "registration";
/** A buyer's token is used at once; a visit as long as AWS's own token would be (Seller Guide, "SaaS customer onboarding"). */
const buyerTokenLife = "5 minutes";
const visitLife = "4 hours";

/** Who is on the page, as AWS said it; the page carries it, signed, from step to step. */
export interface Visit {
  readonly customerId: CustomerId;
  readonly productCode: string;
  /** Absent while AWS has not named the license. */
  readonly subscriptionId?: SubscriptionId | undefined;
}

/** What the seller's own page is told of the buyer. */
export interface Buyer extends Visit {
  readonly licenseArn?: string | undefined;
  readonly email?: string | undefined;
  /** Whether the buyer has followed the link in a mail to it. */
  readonly emailVerified?: boolean | undefined;
  readonly reference?: string | undefined;
}

const visitSchema = z.object({
  sub: z.string().transform((id) => id as CustomerId),
  product: z.string(),
  subscription: z
    .string()
    .transform((id) => id as SubscriptionId)
    .optional(),
});

export interface Tokens {
  /** @param audience the origin of the page that it is handed to */
  signBuyer(buyer: Buyer, audience: string): Promise<string>;
  signVisit(visit: Visit): Promise<string>;
  /** `undefined` when it is none of ours, or too old. */
  readVisit(token: string): Promise<Visit | undefined>;
  /** What verifies them, for everybody. */
  readonly published: JSONWebKeySet;
}

/** Signs and reads what a browser carries. @param issuer the registration page's origin, below which the keys are published */
export async function makeTokens(keys: readonly PrivateKey[], issuer: string): Promise<Tokens> {
  const published = { keys: await Promise.all(keys.map((key) => publicKey(key))) };
  const [first, { kid } = { kid: "" }] = [keys[0], published.keys[0]];
  if (first === undefined) throw new RangeError("there is no key to sign with");
  const signingKey = await importSigningKey(first);
  const verifying = new Map<string | undefined, CryptoKey | Uint8Array>();
  for (const key of published.keys) verifying.set(key.kid, await importJWK(key, "ES256"));
  const keyOf = ({ kid: name }: JWTHeaderParameters) => {
    const key = verifying.get(name);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  const sign = (typ: string, audience: string, life: string, subject: string, claims: object) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "ES256", kid, typ })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(life)
      .sign(signingKey);
  return {
    published,
    signBuyer: ({ customerId, ...buyer }, audience) =>
      sign(buyerType, audience, buyerTokenLife, customerId, {
        product: buyer.productCode,
        subscription: buyer.subscriptionId,
        license: buyer.licenseArn,
        email: buyer.email,
        // As OpenID Connect calls it.
        email_verified: buyer.emailVerified,
        reference: buyer.reference,
      }),
    signVisit: ({ customerId, productCode, subscriptionId }) =>
      sign(visitType, visitAudience, visitLife, customerId, {
        product: productCode,
        subscription: subscriptionId,
      }),
    async readVisit(token) {
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          ...{ issuer, audience: visitAudience, typ: visitType, algorithms: ["ES256"] },
        });
        const { sub, product, subscription } = visitSchema.parse(payload);
        return { customerId: sub, productCode: product, subscriptionId: subscription };
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

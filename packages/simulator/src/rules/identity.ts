import { createHash } from "node:crypto";

/** Everything a simulator names is computed from its seed and a counter: two runs of one story use the same names. */
const digest = (...parts: (string | number)[]): string =>
  createHash("sha256").update(parts.join("\n")).digest("hex");

const letters = (hex: string, length: number): string =>
  BigInt(`0x${hex}`).toString(36).padStart(49, "0").slice(-length);

export const uuidOf = (...parts: (string | number)[]): string => {
  const hex = digest(...parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export const agreementIdOf = (seed: string, number: number): string =>
  `agmt-${letters(digest(seed, "agreement", number), 25)}`;

export const offerIdOf = (seed: string, number: number): string =>
  `offer-${letters(digest(seed, "offer", number), 13)}`;

/** As seen in real events: no Region, an account of AWS's, and 32 hexadecimal digits. */
export const licenseArnOf = (seed: string, number: number): string =>
  `arn:aws:license-manager::294406891311:license:l-${digest(seed, "license", number).slice(0, 32)}`;

export const registrationTokenOf = (seed: string, number: number): string =>
  Buffer.from(digest(seed, "token", number) + digest(seed, "token-tail", number), "hex").toString(
    "base64url",
  );

export const subscriptionTokenOf = (seed: string, number: number): string =>
  digest(seed, "subscription", number) + digest(seed, "subscription-tail", number);

/** Opaque, and the same for a buyer across all of one seller's products. */
export const customerIdentifierOf = (sellerAccountId: string, buyerAccountId: string): string =>
  letters(digest(sellerAccountId, "customer", buyerAccountId), 11).toUpperCase();

/** The `number`th draw of a seed, from 0 to below 1. */
export const drawOf = (seed: string, number: number): number =>
  parseInt(digest(seed, "draw", number).slice(0, 13), 16) / 2 ** 52;

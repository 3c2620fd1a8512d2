import { generateKeyPairSync } from "node:crypto";
import { readSigningKeys } from "@tollhouse/functions/registration/signing-keys";

/** A fresh key to sign buyers' tokens with. */
function drawKey(): object {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "jwk" });
}

/** The secret BuyerTokenKeys for a new installation. */
export const newBuyerKeys = (): string => JSON.stringify({ keys: [drawKey()] });

/**
 * The secret with a new key that signs from now on. The one that signed is kept, since its tokens are under way; older ones are
 * dropped. @throws SigningKeysError when `secret` is none
 */
export function rotatedBuyerKeys(secret: string): string {
  const [signing] = readSigningKeys(secret);
  return JSON.stringify({ keys: [drawKey(), signing] });
}

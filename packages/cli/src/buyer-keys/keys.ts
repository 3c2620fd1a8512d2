import { newBuyerKeys, rotatedBuyerKeys } from "@tollhouse/local/buyer-keys";
import { CommandError } from "../failure.ts";

/** As `sst secret list` prints it, among other secrets; first come those that stages without their own fall back to. */
const listed = /^BuyerTokenKeys=(.*)$/gm;

export const drawnKeys = (): string => newBuyerKeys();

/**
 * A new key in front of the one that signs now.
 * @param given what SST shows: the secret itself, or its list of secrets
 * @throws CommandError when there are no keys in it; what was in it is not shown
 */
export function changedKeys(given: string): string {
  const secret = ([...given.matchAll(listed)].at(-1)?.[1] ?? given).trim();
  try {
    return rotatedBuyerKeys(secret);
  } catch {
    throw new CommandError(
      "wrong-usage",
      "There are no keys on standard input, and nothing was changed. Pipe them in: npx sst secret list --stage <stage> | npx tollhouse buyer-keys rotate",
    );
  }
}

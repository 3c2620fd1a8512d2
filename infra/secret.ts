import type { SecretName } from "@tollhouse/functions/manifest";

/**
 * Set by a person before the first deploy, and in force with the next one: `npx tollhouse buyer-keys` (docs/registration.md). SST keeps them
 * encrypted beside its state and puts them, encrypted again, into the package of each function that is linked.
 */
export const secrets: Record<SecretName, sst.Secret> = {
  BuyerTokenKeys: new sst.Secret("BuyerTokenKeys"),
};

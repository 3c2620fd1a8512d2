import type { Configuration } from "@tollhouse/core/configuration/configuration";
import twoAccounts from "../../tollhouse.config.ts";
import oneAccount from "../infra/single-account.config.ts";

/** The repository's own configuration, and one whose production runs in the seller's account: those that the stack is synthesised from. */
export const configurations = { "two accounts": twoAccounts, "one account": oneAccount } as const;
export type Accounts = keyof typeof configurations;
export { oneAccount, twoAccounts };

export const stage = "production";

/** The same seller with so many old listings of one kind and no others. */
export const withListings = (count: number, pricing: "subscription" | "contract"): Configuration => ({
  ...twoAccounts,
  products: Array.from({ length: count }, (_, index) => ({
    code: `n${String(index).padStart(4, "0")}examplelisting00000`,
    title: `Listing ${index}`,
    generation: "sns",
    pricing,
    dimensions: [{ key: "units", kind: pricing === "contract" ? "entitled" : "metered" }],
    metering: "live",
    plans: [],
  })),
});

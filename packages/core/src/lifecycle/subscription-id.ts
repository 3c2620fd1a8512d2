/** One buyer's access under one license or, on an old listing, under one product code and CustomerIdentifier. */
export type SubscriptionId = string & { readonly __brand: "SubscriptionId" };

/** Where the seller's own services hear what happened to their customers, and may report usage. */
export const bus = new sst.aws.Bus("Bus");

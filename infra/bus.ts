/** Where the seller's own services hear what happened to their customers. */
export const bus = new sst.aws.Bus("Bus");

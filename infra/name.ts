import { resourceName } from "@tollhouse/aws/seller/duty";

/** A name that does not change from deploy to deploy, since the seller account's trust policies and rules refer to it. */
export const named = (part: string): string => resourceName($app, part);

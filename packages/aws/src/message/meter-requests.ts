import * as z from "zod";
import { subscriptionRequestSchema } from "./subscription-requests.ts";

/** What a message of the meter's queue asks for: a subscription's usage to be metered now because something of it changed, or just a look. */
export const meterRequestSchema = z.union([subscriptionRequestSchema, z.strictObject({})]);

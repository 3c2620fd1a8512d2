import * as z from "zod";
import type { Fault } from "../../rules/fault/fault.ts";
import { notificationKinds } from "../../rules/notification/notification.ts";

const seconds = z.number().min(0).max(31_536_000);

/** Under which name, and either how many more times, or how probably each time. */
const frequency = {
  name: z.string().min(1).max(64).optional(),
  next: z.int().min(1).max(1_000_000).optional(),
  probability: z.number().min(0).max(1).optional(),
};

const notificationFault = z.strictObject({
  on: z.literal("notifications"),
  fault: z.enum(["repeat", "delay", "reorder", "drop"]),
  kind: z.enum(notificationKinds).optional(),
  agreementId: z.string().optional(),
  delaySeconds: seconds.optional(),
  copies: z.int().min(1).max(100).optional(),
  ...frequency,
});

const callFault = z.strictObject({
  on: z.literal("calls"),
  fault: z.enum(["throttle", "fail", "deny", "disable", "lose-answer", "slow"]),
  operation: z.string().min(1).optional(),
  answer: z.enum(["drop", "500"]).optional(),
  delayMs: z.int().min(1).max(600_000).optional(),
  ...frequency,
});

const recordFault = z.strictObject({
  on: z.literal("records"),
  fault: z.literal("leave-unprocessed"),
  dimension: z.string().min(1).optional(),
  licenseArn: z.string().min(1).optional(),
  ...frequency,
});

const resultFault = z.strictObject({ on: z.literal("results"), fault: z.literal("shuffle"), ...frequency });

/** One fault, without what the simulator counts itself. */
export const faultAsked = z
  .discriminatedUnion("on", [notificationFault, callFault, recordFault, resultFault])
  .refine(({ next, probability }) => (next === undefined) !== (probability === undefined), {
    error: "give either next or probability",
  }) satisfies z.ZodType<Omit<Fault, "struck">>;

export const chaosAsked = z.strictObject({ seed: z.string().optional() });
export const faultsAsked = z.strictObject({ seed: z.string().optional(), rules: z.array(faultAsked) });

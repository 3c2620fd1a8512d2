import type { Fault } from "./fault.ts";

/** The name under which the mixture is taken back. */
export const chaosName = "chaos";

type Asked = Fault extends infer One ? (One extends Fault ? Omit<One, "struck" | "name"> : never) : never;

const metering = { on: "calls", operation: "BatchMeterUsage" } as const;

/**
 * What a working integration has to stand without losing or doubling anything: every fault that passes by itself, at once.
 * Left out are those that somebody has to mend, a lost message, a lost role and a Region without the API.
 */
const mixture: readonly Asked[] = [
  { on: "notifications", fault: "repeat", copies: 2, delaySeconds: 20, probability: 0.3 },
  { on: "notifications", fault: "reorder", delaySeconds: 120, probability: 0.3 },
  { on: "notifications", fault: "delay", delaySeconds: 60, probability: 0.3 },
  { ...metering, fault: "throttle", probability: 0.15 },
  { ...metering, fault: "fail", probability: 0.1 },
  { ...metering, fault: "lose-answer", answer: "drop", probability: 0.1 },
  { ...metering, fault: "lose-answer", answer: "500", probability: 0.1 },
  { ...metering, fault: "slow", delayMs: 250, probability: 0.1 },
  { on: "calls", operation: "GetEntitlements", fault: "throttle", probability: 0.1 },
  { on: "calls", operation: "GetEntitlements", fault: "fail", probability: 0.1 },
  { on: "records", fault: "leave-unprocessed", probability: 0.15 },
  { on: "results", fault: "shuffle", probability: 0.5 },
];

export const chaos = (): readonly Fault[] =>
  mixture.map((fault): Fault => ({ ...fault, name: chaosName, struck: 0 }));

import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Agreement } from "../rules/agreement/agreement.ts";
import { initialState, type State } from "../rules/state.ts";
import type { SigningKey } from "./certificate.ts";
import type { ClockReading } from "./clock.ts";
import { ConfigurationError } from "./configuration.ts";
import { replay } from "./state-log.ts";

/** Everything that outlives a run. Role sessions do not. */
export interface Kept {
  readonly version: 1;
  readonly clock: ClockReading;
  readonly signingKey: SigningKey;
  readonly state: State;
}

const head = z.looseObject({
  version: z.literal(1),
  clock: z.object({ nowMs: z.number(), rate: z.number() }),
  signingKey: z.object({ privateKeyPem: z.string(), certificatePem: z.string() }),
  state: z.looseObject({ seed: z.string(), counter: z.number() }),
});

/** The changes since the state file was written, one act a line. */
export const logPath = (path: string): string => `${path}.log`;

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

/** What an earlier run left, or `undefined` where there is no file. @throws ConfigurationError when it is no state file. */
export function readStateFile(path: string): Kept | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    head.parse(value);
    const kept = completed(value as Kept);
    const clock = replay(textOf(logPath(path)) ?? "", kept.state);
    completeRecords(kept.state);
    return clock === undefined ? kept : { ...kept, clock };
  } catch {
    throw new ConfigurationError(`${path} is no state file of this simulator: move it away, or name another`);
  }
}

/** What a file of an earlier version does not say yet. */
function completed(kept: Kept): Kept {
  const state = { ...initialState(kept.state.seed), ...kept.state };
  for (const [id, agreement] of Object.entries(state.agreements))
    state.agreements[id] = { ...beforeSuccessions(agreement), ...agreement };
  return { ...kept, state };
}

/** Earlier versions knew Region and identity from the key alone, and kept the parts of a quantity as a text. */
function completeRecords({ records }: State): void {
  for (const [key, record] of Object.entries(records)) {
    const [region = "", subject] = key.split("|");
    const by = subject === record.licenseArn ? "license" : "product-code";
    const allocations = Array.isArray(record.allocations) ? record.allocations : [];
    records[key] = { ...record, region, by, allocations };
  }
}

const beforeSuccessions = ({ id, acceptedAtMs }: Agreement) => ({
  intent: "NEW" as const,
  initialAgreementId: id,
  previousAgreementId: null,
  autoRenew: false,
  renewalDisabledBy: null,
  updatedAtMs: acceptedAtMs,
  paymentFails: false,
  licenseArnMissing: 0,
});

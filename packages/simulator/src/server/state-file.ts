import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";
import type { Agreement } from "../rules/agreement/agreement.ts";
import { initialState, type State } from "../rules/state.ts";
import type { SigningKey } from "./certificate.ts";
import type { ClockReading } from "./clock.ts";
import { ConfigurationError } from "./configuration.ts";

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

/** What an earlier run left, or `undefined` where there is no file. @throws ConfigurationError when it is no state file. */
export function readStateFile(path: string): Kept | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    head.parse(value);
    return completed(value as Kept);
  } catch {
    throw new ConfigurationError(`${path} is no state file of this simulator: move it away, or name another`);
  }
}

/** What a file of an earlier version does not say yet. */
function completed(kept: Kept): Kept {
  const state = { ...initialState(), ...kept.state };
  const agreements = Object.values(state.agreements).map((agreement) => ({
    intent: "NEW" as const,
    initialAgreementId: agreement.id,
    previousAgreementId: null,
    autoRenew: false,
    renewalDisabledBy: null,
    updatedAtMs: agreement.acceptedAtMs,
    paymentFails: false,
    licenseArnMissing: 0,
    ...(agreement as Partial<Agreement> & Pick<Agreement, "id">),
  })) as Agreement[];
  return {
    ...kept,
    state: { ...state, agreements: Object.fromEntries(agreements.map((one) => [one.id, one])) },
  };
}

/** Writes the whole file or leaves the old one; readable by its owner only, since it holds a private key. */
function writeStateFile(path: string, kept: Kept): void {
  writeFileSync(`${path}.tmp`, JSON.stringify(kept), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

const saveAfterMs = 250;

/** Writes the state soon after a change, and once more at the end. */
export function stateKeeper(path: string | undefined, current: () => Kept) {
  let timer: NodeJS.Timeout | undefined;
  let tookMs = 0;
  const save = () => {
    const beganMs = performance.now();
    timer = undefined;
    if (path !== undefined) writeStateFile(path, current());
    tookMs = performance.now() - beganMs;
  };
  return {
    changed: () => {
      // A large state takes long to write: at most a twentieth of the time goes into it.
      timer ??= setTimeout(save, Math.max(saveAfterMs, tookMs * 20));
    },
    close: () => {
      clearTimeout(timer);
      save();
    },
  };
}

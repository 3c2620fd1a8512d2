import { randomBytes } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import { accountOf, type SimulatorConfiguration } from "./configuration.ts";
import type { Role } from "./seller-account.ts";
import { claimOf, type SignedRequest, verifySignature } from "./signature.ts";

/** Who makes a call, after the signature was verified. */
export interface Principal {
  readonly arn: string;
  readonly accountId: string;
  readonly actions: readonly string[];
  /** The configured caller's ARN that role trust names; `undefined` for a session. */
  readonly callerArn: string | undefined;
  readonly region: string;
  readonly service: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Machine time: AWS's credentials know no simulated clock. */
  readonly expiresAtMs: number;
}

interface Session extends Credentials {
  readonly roleArn: string;
  readonly sessionArn: string;
}

/** The role sessions of this process, in memory only: they end with it. */
export class Sessions {
  readonly #byAccessKey = new Map<string, Session>();
  readonly #callers: SimulatorConfiguration["callers"];
  readonly #roleNow: (arn: string) => Role | undefined;

  /** @param roleNow a session may do what its role may now, and nothing once the role is gone */
  constructor(callers: SimulatorConfiguration["callers"], roleNow: (arn: string) => Role | undefined) {
    this.#callers = callers;
    this.#roleNow = roleNow;
  }

  open(role: Role, sessionName: string, durationSeconds: number, machineNowMs: number): Session {
    this.#forgetExpired(machineNowMs);
    const session: Session = {
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(96).toString("base64"),
      expiresAtMs: Math.floor(machineNowMs / 1_000 + durationSeconds) * 1_000,
      roleArn: role.arn,
      sessionArn: `arn:aws:sts::${accountOf(role.arn)}:assumed-role/${role.arn.split("/").at(-1) ?? ""}/${sessionName}`,
    };
    this.#byAccessKey.set(session.accessKeyId, session);
    return session;
  }

  /** Who signed this. @throws AwsError when the keys are unknown, the session is over or the signature is wrong. */
  authenticate(request: SignedRequest, machineNowMs: number): Principal {
    const claim = claimOf(request);
    const { region, service } = claim;
    const caller = this.#callers.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId);
    if (caller !== undefined && claim.sessionToken === undefined) {
      verifySignature(request, claim, caller.secretAccessKey, machineNowMs);
      const { principalArn: arn, actions } = caller;
      return { arn, accountId: accountOf(arn), actions, callerArn: arn, region, service };
    }
    const session = this.#byAccessKey.get(claim.accessKeyId);
    const role = session && this.#roleNow(session.roleArn);
    if (session === undefined || role === undefined || session.sessionToken !== claim.sessionToken)
      throw new AwsError(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
      );
    if (session.expiresAtMs <= machineNowMs)
      throw new AwsError(
        "ExpiredTokenException",
        "The security token included in the request is expired",
        403,
      );
    verifySignature(request, claim, session.secretAccessKey, machineNowMs);
    const { sessionArn: arn } = session;
    return { arn, accountId: accountOf(arn), actions: role.actions, callerArn: undefined, region, service };
  }

  /** Sessions long over are dropped, so that memory stays bounded; a day keeps the answer "expired" for a while. */
  #forgetExpired(machineNowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#byAccessKey)
      if (expiresAtMs < machineNowMs - 86_400_000) this.#byAccessKey.delete(key);
  }
}

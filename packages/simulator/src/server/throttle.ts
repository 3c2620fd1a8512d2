import { admit, type Bucket, callsPerSecond } from "../rules/throttle.ts";
import { AwsError } from "./aws-error.ts";
import type { Principal } from "./session.ts";

/** Admits calls at AWS's rates, in machine time: a seller's software waits for no simulated clock. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();
  readonly #isOn: boolean;
  readonly #elapsedMs: () => number;

  /** @param elapsedMs machine time since some fixed moment; replaced in tests. */
  constructor(isOn: boolean, elapsedMs: () => number = () => performance.now()) {
    this.#isOn = isOn;
    this.#elapsedMs = elapsedMs;
  }

  /** @throws AwsError when the account has called the operation too often in this Region. */
  check({ accountId, region }: Principal, operation: string): void {
    const perSecond = callsPerSecond[operation];
    if (!this.#isOn || perSecond === undefined) return;
    const key = `${accountId} ${region} ${operation}`;
    const { admitted, bucket } = admit(this.#buckets.get(key), perSecond, this.#elapsedMs());
    this.#buckets.set(key, bucket);
    if (!admitted) throw new AwsError("ThrottlingException", "Rate exceeded");
  }
}

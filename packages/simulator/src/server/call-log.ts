/** One call of an AWS API as it ended. Holds no credentials and no tokens. */
export interface Call {
  readonly number: number;
  /** Machine time, in milliseconds since 1970 with fractions: the moment it arrived, before its body was read. */
  readonly arrivedAtMs: number;
  readonly simulatedAt: string;
  readonly operation: string;
  /** The ARN that called, and the Region it signed for, once its signature was verified. */
  readonly principal?: string;
  readonly region?: string;
  /** How many usage records it brought, whatever became of them. */
  readonly records?: number;
  /** `ok`, or the error code. */
  readonly outcome: string;
  /** The fault that was asked for and struck it. */
  readonly fault?: string;
  readonly note?: Readonly<Record<string, unknown>>;
}

/** At least so many are kept, a quarter of an hour of metering at AWS's rate, and fewer than twice as many. */
const minCalls = 10_000;

/** The latest calls, oldest first; earlier ones are forgotten. */
export class CallLog {
  readonly machineMs: () => number;
  #calls: Call[] = [];
  #number = 0;

  /** @param machineMs replaced in tests. */
  constructor(machineMs: () => number = () => performance.timeOrigin + performance.now()) {
    this.machineMs = machineMs;
  }

  add(call: Omit<Call, "number">): void {
    this.#number += 1;
    this.#calls.push({ number: this.#number, ...call });
    // Cut in goes, so that a full log costs a call no copy of it.
    if (this.#calls.length >= 2 * minCalls) this.#calls = this.#calls.slice(-minCalls);
  }

  /** Calls with a number above `number`, in the order in which they ended; of one operation where it is named. */
  since(number: number, operation?: string): readonly Call[] {
    return this.#calls.filter(
      (call) => call.number > number && call.operation === (operation ?? call.operation),
    );
  }
}

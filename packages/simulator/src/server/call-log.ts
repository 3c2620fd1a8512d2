/** One call of an AWS API as it ended. Holds no credentials and no tokens. */
export interface Call {
  readonly number: number;
  readonly simulatedAt: string;
  readonly operation: string;
  /** The ARN that called, once its signature was verified. */
  readonly principal?: string;
  /** `ok`, or the error code. */
  readonly outcome: string;
  readonly note?: Readonly<Record<string, unknown>>;
}

const maxCalls = 1_000;

/** The latest calls, oldest first; earlier ones are forgotten. */
export class CallLog {
  #calls: Call[] = [];
  #number = 0;

  add(call: Omit<Call, "number">): void {
    this.#number += 1;
    this.#calls.push({ number: this.#number, ...call });
    if (this.#calls.length > maxCalls) this.#calls = this.#calls.slice(-maxCalls);
  }

  /** Calls with a number above `number`. */
  since(number: number): readonly Call[] {
    return this.#calls.filter((call) => call.number > number);
  }
}

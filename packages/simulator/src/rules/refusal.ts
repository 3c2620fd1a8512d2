/** A whole request refused: the error code of AWS (or, for the control API, of ours) and a sentence. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export const refusal = (code: string, message: string): Refusal => ({ code, message });

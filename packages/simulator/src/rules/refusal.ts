/** A whole request refused: the error code of AWS (or, for the control API, of ours) and a sentence. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The `reason` that some of AWS's exceptions carry beside their code. */
  readonly reason?: string | undefined;
}

export const refusal = (code: string, message: string, reason?: string): Refusal => ({
  code,
  message,
  ...(reason === undefined ? {} : { reason }),
});

/** A call refused as AWS refuses it. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: AwsErrorStatus;
  /** Some exceptions of the Agreement API say in one word what was wrong. */
  readonly reason: string | undefined;
  constructor(code: string, message: string, status: AwsErrorStatus = 400, reason?: string) {
    super(message);
    this.reason = reason;
    this.code = code;
    this.status = status;
  }
}

export type AwsErrorStatus = 400 | 403 | 404 | 413 | 500;

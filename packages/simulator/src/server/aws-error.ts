/** A call refused as AWS refuses it. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: AwsErrorStatus;
  constructor(code: string, message: string, status: AwsErrorStatus = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type AwsErrorStatus = 400 | 403 | 404 | 413 | 500;

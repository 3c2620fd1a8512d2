/** Bounds of every call to AWS. Retries back off with jitter (the SDK's standard mode); a Lambda's time-out is above their sum. */
export const clientSettings = {
  maxAttempts: 4,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 8_000 },
};

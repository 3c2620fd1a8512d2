/**
 * Bounds of every call to AWS. Retries back off with jitter (the SDK's standard mode); a Lambda's time-out is above their sum.
 * Without `throwOnRequestTimeout` the SDK's handler only warns of an answer that does not come, and waits on.
 */
export const clientSettings = {
  maxAttempts: 4,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
};

/** For calls that a buyer's browser waits for: all tries together end before API Gateway's 30 seconds. */
export const pageClientSettings = {
  ...clientSettings,
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** For waking another function while a browser waits: a wake that is lost costs a minute, since a schedule wakes as well. */
export const pageWakeSettings = {
  ...clientSettings,
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/** For doctor, which gives each link ten seconds in all and would rather say that there was no answer. */
export const doctorClientSettings = {
  ...clientSettings,
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_500, requestTimeout: 4_000, throwOnRequestTimeout: true },
};

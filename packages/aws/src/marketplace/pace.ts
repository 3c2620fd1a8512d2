import pThrottle from "p-throttle";

const secondMs = 1_000;

/**
 * Calls a second that one process makes, at most; those beyond wait their turn. The strict kind counts over every second and not
 * by the clock's, where twice as many could fall together.
 */
export const pace = <Arguments extends readonly unknown[], Answer>(
  callsPerSecond: number,
  call: (...given: Arguments) => Promise<Answer>,
): ((...given: Arguments) => Promise<Answer>) =>
  pThrottle({ limit: callsPerSecond, interval: secondMs, strict: true })(call);

/**
 * Calls a second that one process makes, at most, evenly spaced. Their distance is measured once more when a call's turn comes (that
 * is what the weight is for): after a standstill, those that became due meanwhile do not fall together.
 */
export const evenPace = <Arguments extends readonly unknown[], Answer>(
  callsPerSecond: number,
  call: (...given: Arguments) => Promise<Answer>,
): ((...given: Arguments) => Promise<Answer>) =>
  pThrottle({ limit: 1, interval: Math.ceil(secondMs / callsPerSecond), strict: true, weight: () => 1 })(
    call,
  );

/** AWS takes 10 a second of one account in one Region (BatchMeterUsage; AWS Marketplace API reference, "Service quotas for AWS Marketplace Metering API"). */
export const meteringCallsPerSecond = 10;

/**
 * How fast one process sends, evenly spaced. AWS counts calls as they arrive, and the way there takes one longer than another:
 * eleven calls that leave within 1,030 ms stay ten within any second even when one of them is overtaken by 30 ms.
 */
export const meteringPace = 9.75;

/** AWS takes 20 a second of one account (GetEntitlements reference, quotas): two functions at once leave some to retries and others. */
export const entitlementCallsPerSecond = 8;

/** AWS takes 5 a second of one account (SearchAgreements reference, quotas), from one function at a time. */
export const agreementCallsPerSecond = 4;

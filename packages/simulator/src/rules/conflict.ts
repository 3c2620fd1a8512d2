/** Points on which AWS's own pages disagree or say nothing. Each switch is read in one place of the rules. */
export interface Conflicts {
  /**
   * The answer to a record sent again exactly as before: the BatchMeterUsage reference calls such requests idempotent,
   * AWS's metering skill says they always answer `DuplicateRecord`.
   */
  readonly identicalResend: "Success" | "DuplicateRecord";
  /** Which event begins the final hour; two editions of the Seller Guide's EventBridge page name one each. */
  readonly finalHourStartsAt: "agreement-ended" | "license-deprovisioned";
  /** What becomes of the first hour's start as a timestamp, when the license was activated later in that hour. */
  readonly hourStartBeforeActivation: "refused" | "accepted";
  /**
   * Whether a renewal or replacement goes on under the same license: AWS's metering skill says the LicenseArn is kept;
   * others infer a new license from the new agreement.
   */
  readonly licenseAtRenewal: "same" | "new";
}

/** The newer or stricter reading of each: what passes here should pass at AWS under either. */
export const defaultConflicts: Conflicts = {
  identicalResend: "Success",
  finalHourStartsAt: "license-deprovisioned",
  hourStartBeforeActivation: "refused",
  licenseAtRenewal: "same",
};

import { fail, failIfAny, pass, type Verdict } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

/** Whether STS gave a session of the audit role. */
export type Attempt = { readonly gave: "session" } | { readonly gave: "refusal"; readonly reason: string };

export const judgeSession = (attempt: Attempt, { deployKit }: Remedies): Verdict =>
  attempt.gave === "session"
    ? pass("STS gave a session.")
    : fail(
        `${attempt.reason}.`,
        `${deployKit} If its parts are as they should be, compare seller.accountId and seller.assumeRole in tollhouse.config.ts.`,
      );

/** The attempts that must fail: without an external id, and with a wrong one. */
export interface Intrusions {
  readonly without: Attempt;
  readonly withAnother: Attempt;
}

export const judgeExternalId = ({ without, withAnother }: Intrusions, { deployKit }: Remedies): Verdict =>
  failIfAny(
    [
      ...(without.gave === "session" ? ["STS gave a session without the external id"] : []),
      ...(withAnother.gave === "session" ? ["STS gave a session with a wrong external id"] : []),
    ],
    `The role's trust policy does not demand sts:ExternalId, so that another customer of whoever runs production could be let in. ${deployKit}`,
    "Both were refused.",
  );

import { type OwnAccount, readOwnAccount } from "@tollhouse/aws/doctor/own-account";
import { judgeClock } from "@tollhouse/core/doctor/clock";
import type { Check } from "@tollhouse/core/doctor/examine";
import { fail, pass, skipped } from "@tollhouse/core/doctor/finding";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";

/** Who we are by AWS, and what time it is there. */
export function accountChecks({ own, configuration }: Installation): {
  readonly checks: readonly Check[];
  readonly ownAccount: () => Promise<OwnAccount>;
} {
  const expected = configuration.production.accountId;
  const ownAccount = once(() => readOwnAccount(own));
  return {
    ownAccount,
    checks: [
      {
        id: "account.production",
        group: "account",
        tried: "This runs in the production account of the configuration",
        async look() {
          const { accountId } = await ownAccount();
          return accountId === expected
            ? pass(`It is ${accountId}.`)
            : fail(
                `This runs in account ${accountId}, production.accountId is ${expected}: the seller's roles and topics expect us there.`,
                "Deploy with credentials of the other account, or correct production.accountId in tollhouse.config.ts and deploy stack and seller-account kit again.",
              );
        },
      },
      {
        id: "clock.aws",
        group: "clock",
        tried: "This machine's clock and AWS's agree",
        async look() {
          const { skewMs } = await ownAccount();
          return skewMs === undefined ? skipped("AWS's answer had no date.") : judgeClock(skewMs);
        },
      },
    ],
  };
}

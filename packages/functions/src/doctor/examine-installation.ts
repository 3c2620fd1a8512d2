import { boundedBy } from "@tollhouse/aws/doctor/within";
import { examine } from "@tollhouse/core/doctor/examine";
import { configurationDigest, type Report } from "@tollhouse/core/doctor/report";
import type { SwitchStore } from "@tollhouse/core/metering/store";
import { accountChecks } from "./account-checks.ts";
import { functionChecks } from "./function-checks.ts";
import type { Installation } from "./installation.ts";
import { marketplaceChecks } from "./marketplace-checks.ts";
import { notificationChecks } from "./notification-checks.ts";
import { queueChecks } from "./queue-checks.ts";
import { roleChecks } from "./role-checks.ts";
import { sellerAccess } from "./seller-reading.ts";
import { tableChecks } from "./table-checks.ts";

/** So many links at once; more would only make AWS's rates the next problem. */
const checksAtOnce = 8;
/** Of the function's two minutes, so that there is time to answer. */
const allMs = 90_000;

/** Tries every link of the installation, each anew: nothing is remembered from an earlier run. */
export async function examineInstallation(
  installation: Installation,
  switches: Pick<SwitchStore, "load">,
): Promise<Report> {
  const account = accountChecks(installation);
  const queues = queueChecks(installation);
  const access = sellerAccess(installation);
  const checks = [
    ...account.checks,
    ...roleChecks(installation, access),
    ...notificationChecks(installation, access, queues.intake),
    ...queues.checks,
    ...tableChecks(installation),
    ...marketplaceChecks(installation, access, switches),
    ...functionChecks(installation, account.ownAccount),
  ];
  return {
    stage: installation.stage,
    configurationDigest: configurationDigest(installation.configuration),
    findings: await examine(checks, { checksAtOnce, within: boundedBy(allMs) }),
  };
}

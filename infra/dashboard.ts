import { resourceName } from "@tollhouse/aws/seller/duty";
import { accountId } from "./account";
import { alarms } from "./alarm-table";
import { dashboardBody } from "./dashboard-body";
import { registrationApi, usageApi } from "./http";
import { named } from "./name";
import { settingsOf } from "./stage";

/** One page with everything that is measured. */
new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName: named("dashboard"),
  dashboardBody: $resolve([registrationApi.nodes.api.id, usageApi.nodes.api.id, accountId]).apply(
    ([registration, usage, account]) => {
      const installation = { name: $app.name, stage: $app.stage, apiIds: { registration, usage } };
      const arns = alarms.map(
        ({ name }) => `arn:aws:cloudwatch:us-east-1:${account}:alarm:${resourceName(installation, name)}`,
      );
      return JSON.stringify(dashboardBody(installation, settingsOf($app.stage).hasAlarms ? arns : []));
    },
  ),
});

/** Where a person finds it. */
export const dashboardUrl = `https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/${named("dashboard")}`;

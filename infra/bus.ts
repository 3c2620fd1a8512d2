import { usageDetailType } from "@tollhouse/functions/manifest";
import { named } from "./name";
import { settingsOf } from "./stage";

/** Where the seller's own services hear what happened to their customers, and may report usage. */
export const bus = new sst.aws.Bus("Bus");

/** What was told, to be replayed to a service that lost it. Usage is left out: replayed, it would come in as usage once more. */
new aws.cloudwatch.EventArchive("Archive", {
  name: named("events"),
  eventSourceArn: bus.arn,
  retentionDays: settingsOf($app.stage).archiveDays,
  eventPattern: JSON.stringify({ "detail-type": [{ "anything-but": [usageDetailType] }] }),
});

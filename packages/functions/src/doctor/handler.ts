import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import type { Report } from "@tollhouse/core/doctor/report";
import configuration from "../../../../tollhouse.config.ts";
import { placeOfWorld, longestVisibilityOfWorld, readEnvironment } from "../environment.ts";
import { examineInstallation } from "./examine-installation.ts";
import { installationOf } from "./installation.ts";

const environment = readEnvironment(
  "TOLLHOUSE_STAGE",
  "LIFECYCLE_TABLE",
  "METERING_TABLE",
  "INTAKE_QUEUE_URL",
  "RELAY_QUEUE_URL",
  "ENTITLEMENT_QUEUE_URL",
  "USAGE_QUEUE_URL",
  "FOLD_QUEUE_URL",
  "METER_QUEUE_URL",
  "EVENT_BUS_NAME",
  "REGISTRATION_URL",
);
const installation = installationOf(configuration, {
  stage: environment.TOLLHOUSE_STAGE,
  place: placeOfWorld(),
  tables: { Lifecycle: environment.LIFECYCLE_TABLE, Metering: environment.METERING_TABLE },
  queueUrls: {
    Intake: environment.INTAKE_QUEUE_URL,
    Relay: environment.RELAY_QUEUE_URL,
    Entitlement: environment.ENTITLEMENT_QUEUE_URL,
    Usage: environment.USAGE_QUEUE_URL,
    Fold: environment.FOLD_QUEUE_URL,
    Meter: environment.METER_QUEUE_URL,
  },
  busName: environment.EVENT_BUS_NAME,
  registrationUrl: environment.REGISTRATION_URL,
  longestVisibilitySeconds: longestVisibilityOfWorld(),
});
const switches = dynamoSwitches(makeDocumentClient(), environment.METERING_TABLE);

/** Run by whoever may invoke it; it takes nothing and changes nothing. */
export const handler = (): Promise<Report> => examineInstallation(installation, switches);

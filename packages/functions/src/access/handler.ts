import { makeLogger } from "@tollhouse/aws/logging/logger";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { httpHandler } from "../http-handler.ts";
import { lifecycleStorePort } from "../lifecycle-store-port.ts";
import { accessSite } from "./site.ts";

const { LIFECYCLE_TABLE } = readEnvironment("LIFECYCLE_TABLE");
const ports = { store: lifecycleStorePort(LIFECYCLE_TABLE), clock: clockOfWorld() };

export const handler = httpHandler(accessSite(ports, configuration, makeLogger()));

import { makeLogger } from "@tollhouse/aws/logging/logger";
import { handle } from "hono/aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecycleStorePort } from "../lifecycle-store-port.ts";
import { accessSite } from "./site.ts";

const { LIFECYCLE_TABLE } = readEnvironment("LIFECYCLE_TABLE");
const ports = { store: lifecycleStorePort(LIFECYCLE_TABLE), clock: clockOfWorld() };

// eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor @hono/aws-lambda is not published (November 2026).
export const handler = handle(accessSite(ports, configuration, makeLogger()));

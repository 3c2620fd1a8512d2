import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { lookAround } from "@tollhouse/core/watch/look";
import type { Context } from "aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { functions } from "../manifest.ts";
import { meteringPorts } from "../metering-ports.ts";
import { tellSight } from "./tell-sight.ts";

const { LIFECYCLE_TABLE, METERING_TABLE } = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const logger = makeLogger();
const measure = makeMeasure();
const clock = clockOfWorld();
const { store, outbox, runWitness } = lifecyclePorts(LIFECYCLE_TABLE);
const { settings } = configuration;
const ports = { ...meteringPorts(METERING_TABLE, settings, clock), outbox, runWitness, subscriptions: store };
/** What was begun when this much is left comes to its end. */
const reserveMs = (functions.watch.timeoutSeconds * 1_000) / 3;

/** Run by the schedule; what waits is found in the tables. */
export const handler = async (_event: unknown, context: Context): Promise<void> => {
  const now = await clock.now();
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  const sight = await lookAround(ports, configuration, { now, hasTime });
  tellSight({ logger, measure }, settings, sight, now);
};

import { randomBytes } from "node:crypto";
import { pageWakeSettings } from "@tollhouse/aws/client-settings";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceTokenResolver } from "@tollhouse/aws/marketplace/token-resolver";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { Resource } from "sst";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment, sellerPagesOfWorld } from "../environment.ts";
import { httpHandler } from "../http-handler.ts";
import { lifecycleStorePort } from "../lifecycle-store-port.ts";
import { originOf } from "./headers.ts";
import { readSigningKeys } from "./signing-keys.ts";
import { registrationSite } from "./site.ts";
import { makeTokens } from "./token.ts";

const environment = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL", "REGISTRATION_URL");
const ports = {
  store: lifecycleStorePort(environment.LIFECYCLE_TABLE),
  clock: clockOfWorld(),
  measure: makeMeasure(),
  resolver: marketplaceTokenResolver(configuration),
  waker: sqsWaker(makeQueueClient(pageWakeSettings), environment.RELAY_QUEUE_URL),
  tokens: await makeTokens(
    readSigningKeys(Resource.BuyerTokenKeys.value),
    originOf(environment.REGISTRATION_URL),
  ),
  drawCode: () => randomBytes(24).toString("base64url"),
  registrationUrl: environment.REGISTRATION_URL,
};

export const handler = httpHandler(registrationSite(ports, sellerPagesOfWorld(configuration), makeLogger()));

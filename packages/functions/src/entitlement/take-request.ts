import { subscriptionRequestSchema } from "@tollhouse/aws/message/subscription-requests";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { refreshEntitlements, type RefreshPorts } from "@tollhouse/core/entitlement/refresh";
import { readJson } from "@tollhouse/core/json/read-json";
import { logName } from "../log-name.ts";
import type { Verdict } from "../queue-consumer.ts";

/** One request to read a subscription's entitlements from AWS Marketplace. */
export async function takeRequest(
  ports: RefreshPorts,
  configuration: Configuration,
  body: string,
): Promise<Verdict> {
  const json = readJson(body, { maxBytes: 4_096, maxDepth: 4 });
  if ("refused" in json) return { refused: `the body ${json.refused}` };
  const request = subscriptionRequestSchema.safeParse(json.value);
  if (!request.success) return { refused: "it names no subscriptionId" };
  const { subscriptionId } = request.data;
  return {
    done: {
      subscription: logName(subscriptionId),
      outcome: await refreshEntitlements(ports, configuration, subscriptionId),
    },
  };
}

import type { Configuration } from "../configuration/configuration.ts";
import { formatInstant, type Instant } from "../time/instant.ts";
import type { FactId } from "./fact.ts";
import { recordFact, type RecordOutcome, type RecordPorts } from "./record-fact.ts";
import type { SubscriptionId } from "./subscription.ts";

/**
 * Notes that the final window of a subscription ended at `deadlineAt`. The fact ends it only if that is still its deadline
 * when all facts are read in order: a buyer who came back meanwhile loses nothing.
 * @throws ContentionError as `recordFact` does; asking again is always safe
 */
export async function elapseWindow(
  ports: RecordPorts,
  configuration: Configuration,
  id: SubscriptionId,
  deadlineAt: Instant,
): Promise<RecordOutcome> {
  const subscription = await ports.store.currentSubscription(id);
  if (subscription === undefined) return { kind: "refused", reason: `there is no subscription ${id}` };
  const { identity, productCode } = subscription;
  return recordFact(ports, configuration, {
    kind: "window-elapsed",
    id: `window:${id}@${formatInstant(deadlineAt)}` as FactId,
    at: deadlineAt,
    productCode,
    ...(identity.by === "license"
      ? { licenseArn: identity.licenseArn }
      : { customerIdentifier: identity.customerIdentifier }),
  });
}

import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { EventBus } from "@tollhouse/core/outbox/outbox";
import { clientSettings } from "../client-settings.ts";

/** EventBridge takes at most ten entries a call. */
const eventsPerCall = 10;

/** Puts CloudEvents on the bus and looks at every entry's own result, since a call succeeds even when entries fail. */
export function eventBridgeBus(busName: string): EventBus {
  const client = new EventBridgeClient(clientSettings);
  return {
    async publish(events) {
      const taken: string[] = [];
      for (let start = 0; start < events.length; start += eventsPerCall) {
        const batch = events.slice(start, start + eventsPerCall);
        const { Entries = [] } = await client.send(
          new PutEventsCommand({
            Entries: batch.map((event) => ({
              EventBusName: busName,
              Source: event.source,
              DetailType: event.type,
              Time: new Date(event.time),
              Detail: JSON.stringify(event),
            })),
          }),
        );
        taken.push(...batch.flatMap(({ id }, index) => (Entries[index]?.EventId === undefined ? [] : [id])));
      }
      return taken;
    },
  };
}

import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { EventBus } from "@tollhouse/core/outbox/outbox";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import { clientSettings } from "../client-settings.ts";

/** EventBridge takes at most ten entries a call. */
const eventsPerCall = 10;

/** Puts CloudEvents on the bus and looks at every entry's own result, since a call succeeds even when entries fail. */
export function eventBridgeBus(busName: string): EventBus {
  const client = new EventBridgeClient(clientSettings);
  return {
    async publish(events) {
      const taken: string[] = [];
      const errors: unknown[] = [];
      for (let start = 0; start < events.length; start += eventsPerCall) {
        const batch = events.slice(start, start + eventsPerCall);
        try {
          taken.push(...(await put(client, busName, batch)));
        } catch (error) {
          errors.push(error);
        }
      }
      // What was taken is told, so that it is not published again; the rest, e.g. a batch that is refused whole, is offered again.
      if (errors.length > 0 && taken.length === 0) throw new AggregateError(errors, "the bus took nothing");
      return taken;
    },
  };
}

async function put(
  client: EventBridgeClient,
  busName: string,
  events: readonly OutgoingEvent[],
): Promise<readonly string[]> {
  const { Entries = [] } = await client.send(
    new PutEventsCommand({
      Entries: events.map((event) => ({
        EventBusName: busName,
        Source: event.source,
        DetailType: event.type,
        Time: new Date(event.time),
        Detail: JSON.stringify(event),
      })),
    }),
  );
  return events.flatMap(({ id }, index) => (Entries[index]?.EventId === undefined ? [] : [id]));
}

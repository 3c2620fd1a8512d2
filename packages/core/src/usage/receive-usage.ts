import type { Settings } from "../configuration/configuration.ts";
import type { JsonReading } from "../json/read-json.ts";
import type { Clock } from "../time/clock.ts";
import { acceptEvent, shortened } from "./accept-event.ts";

/** The usage queue, for a door that answers only when what it took is stored. */
export interface UsageQueue {
  /** Stores messages. Says of each whether it is stored for certain; those that are not may be all the same. */
  put(bodies: readonly string[]): Promise<readonly boolean[]>;
}

/** What became of one event. `failed`: it is right, and nobody knows whether it is stored; send it again. */
export type Receipt = {
  /** Its place among those that came with it, from 0. */
  readonly index: number;
  /** Left out where there is none to be read. */
  readonly id?: string;
} & ({ readonly status: "accepted" } | { readonly status: "refused" | "failed"; readonly reason: string });

/** A message as large as SQS carries would be as good, but one that fails takes fewer events with it. */
const maxMessageBytes = 262_144;
/** Ten thousand of them are still an answer that Lambda takes (6 MB). */
const maxReasonLength = 200;
const sendAgain = "it could not be stored: send it again in a moment; if it was stored, it counts once";

/** An event that was accepted, as it goes into the queue. */
interface Accepted {
  readonly index: number;
  readonly text: string;
}

/**
 * Takes events that a service hands over and puts those that are right into the usage queue, as they came. A bad one costs
 * the others nothing. Sending them again is harmless: a repeat counts once.
 * @param readings the events, or why one cannot even be read
 * @throws whatever the clock or the queue throws; then nobody knows what was stored, and all may be sent again
 */
export async function receiveUsage(
  ports: { readonly queue: UsageQueue; readonly clock: Clock },
  settings: Pick<Settings, "futureToleranceMinutes" | "acceptUsageDays">,
  readings: readonly JsonReading[],
): Promise<readonly Receipt[]> {
  const now = await ports.clock.now();
  const accepted: Accepted[] = [];
  const receipts = readings.map((reading, index): Receipt => {
    const text = "refused" in reading ? reading : acceptedText(reading.value, settings, now);
    if (typeof text === "string") accepted.push({ index, text });
    const head = { index, ...idOf(reading) };
    return typeof text === "string"
      ? { ...head, status: "accepted" }
      : { ...head, status: "refused", reason: shortened(text.refused, maxReasonLength) };
  });
  const messages = messagesOf(accepted);
  const stored = messages.length === 0 ? [] : await ports.queue.put(messages.map(bodyOf));
  const lost = new Set(
    messages
      .filter((_, place) => stored[place] !== true)
      .flatMap((events) => events.map(({ index }) => index)),
  );
  return receipts.map((receipt) =>
    lost.has(receipt.index) ? { ...receipt, status: "failed", reason: sendAgain } : receipt,
  );
}

function acceptedText(
  value: unknown,
  ...rule: [Parameters<typeof acceptEvent>[1], Parameters<typeof acceptEvent>[2]]
): string | { readonly refused: string } {
  const event = acceptEvent(value, ...rule);
  if ("refused" in event) return event;
  const text = sendable(JSON.stringify(value));
  const bytes = Buffer.byteLength(bodyOf([{ text }]));
  return bytes <= maxMessageBytes
    ? text
    : {
        refused: `it is ${bytes} bytes long, at most ${maxMessageBytes} are taken: leave out what is no usage`,
      };
}

/** The two characters that JSON writes as they are and SQS does not carry (SendMessage reference). */
const sendable = (json: string): string =>
  json.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

const bodyOf = (events: readonly Pick<Accepted, "text">[]): string =>
  `[${events.map(({ text }) => text).join(",")}]`;

/** As many events a message as it may hold, in their order. */
function messagesOf(events: readonly Accepted[]): readonly (readonly Accepted[])[] {
  const messages: Accepted[][] = [];
  let bytes = maxMessageBytes;
  for (const event of events) {
    // One byte before it, a bracket or a comma; the closing bracket is counted with the first.
    const more = Buffer.byteLength(event.text) + 1;
    if (bytes + more > maxMessageBytes) {
      messages.push([]);
      bytes = 1;
    }
    messages.at(-1)?.push(event);
    bytes += more;
  }
  return messages;
}

const maxIdLength = 256;

function idOf(reading: JsonReading): { readonly id?: string } {
  if ("refused" in reading || typeof reading.value !== "object" || reading.value === null) return {};
  const id: unknown = "id" in reading.value ? reading.value.id : undefined;
  return typeof id === "string" && id !== "" && id.length <= maxIdLength ? { id } : {};
}

import type { SellerEvent } from "@tollhouse/aws/message/seller-events";
import type { Narrator } from "./narrator.ts";

/** Tells every event that the seller's services hear, and waits for a certain one. */
export function eventListener(
  take: () => Promise<readonly SellerEvent[]>,
  narrator: Narrator,
  waitFor: ReturnType<typeof patience>,
) {
  const heard: SellerEvent[] = [];
  return async (type: string, subject: string): Promise<void> => {
    const isHeard = () => heard.some((event) => event.type === type && subject.endsWith(event.subject));
    const arrived = await waitFor(async () => {
      if (isHeard()) return true;
      for (const event of await take()) {
        // Events come at least once; a repeat has the same id.
        if (heard.some(({ id }) => id === event.id)) continue;
        narrator.note(`→ ${told(event)}`);
        heard.push(event);
      }
      return isHeard();
    });
    if (arrived) return;
    const last = heard.at(-1);
    throw new Error(
      `The seller's services never heard ${type} of ${subject}. ${last === undefined ? "They heard nothing at all." : `The last that they heard: ${told(last)}.`}`,
    );
  };
}

const told = ({ type, subject, data }: SellerEvent): string =>
  `${type}  ${subject} (version ${data.version})`;

/** Asks until the answer is yes or patience ends. @throws what `over` was aborted with */
export const patience =
  (patienceSeconds: number, over: AbortSignal) => async (question: () => Promise<boolean>) => {
    const until = performance.now() + patienceSeconds * 1_000;
    while (performance.now() < until) {
      over.throwIfAborted();
      if (await question()) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  };

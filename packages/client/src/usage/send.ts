import * as z from "zod";
import { type Answer, call, type DoorOptions, reasonOf } from "../http/call.ts";

/** What became of one event. `unknown`: the door may have it or not; sent again under the same id, it counts once. */
export type Fate =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown" };

export interface Sent {
  /** One for each event, in their order. */
  readonly fates: readonly Fate[];
  /** Why not all of them are settled, in a sentence; `undefined` when they are. */
  readonly trouble?: string | undefined;
  /** When the door wants to be asked again. */
  readonly retryAfterMs?: number | undefined;
}

const receipt = z.object({
  index: z.int().min(0),
  status: z.enum(["accepted", "refused", "failed"]),
  reason: z.string().default("no reason was given"),
});
const receipts = z.object({ events: z.array(receipt) });
/**
 * A whole request that the door cannot take for what is in it. All else that it says of a whole request, of its content type for one, is
 * no fault of an event: something between here and there changes requests, and nothing may be given up for that.
 */
const refusal = z.object({ code: z.enum(["unreadable", "too-large"]), reason: z.string() });
const refusalStatuses = [400, 413];
const explained = z.object({ reason: z.string() });

/**
 * Sends events as one request and reads what became of each. A request that is refused as a whole is sent in halves, until the one
 * event that the door cannot read stands alone.
 * @param events each as JSON
 */
export async function send(
  url: string,
  events: readonly string[],
  door: DoorOptions & { readonly timeoutMs: number },
  nowMs: number,
  signal: AbortSignal,
): Promise<Sent> {
  const answer = await attempt(url, events, door, nowMs, signal);
  if (typeof answer === "string") return { fates: unknownAll(events), trouble: answer };
  const listed = receipts.safeParse(answer.json);
  if (listed.success && [200, 202, 400, 503].includes(answer.status))
    return fromReceipts(events, listed.data.events, answer.retryAfterMs);
  const refused = refusal.safeParse(answer.json);
  if (!refused.success || !refusalStatuses.includes(answer.status))
    return {
      fates: unknownAll(events),
      trouble: `the door answered ${answer.status}${hint(answer)}`,
      retryAfterMs: answer.retryAfterMs,
    };
  if (events.length === 1) return { fates: [{ kind: "refused", reason: refused.data.reason }] };
  const middle = Math.ceil(events.length / 2);
  const first = await send(url, events.slice(0, middle), door, nowMs, signal);
  if (first.trouble !== undefined)
    return { ...first, fates: [...first.fates, ...unknownAll(events.slice(middle))] };
  const second = await send(url, events.slice(middle), door, nowMs, signal);
  return { ...second, fates: [...first.fates, ...second.fates] };
}

/** An answer, or in words why there is none. */
async function attempt(
  url: string,
  events: readonly string[],
  door: DoorOptions & { readonly timeoutMs: number },
  nowMs: number,
  signal: AbortSignal,
): Promise<Answer | string> {
  const headers = { "content-type": "application/cloudevents-batch+json" };
  const body = `[${events.join(",")}]`;
  try {
    return await call({ method: "POST", url, headers, body }, door, nowMs, signal);
  } catch (error) {
    return `no answer came (${reasonOf(error)})`;
  }
}

/** An answer that does not say once of each event what became of it says nothing of that event. */
function fromReceipts(
  events: readonly string[],
  listed: readonly z.output<typeof receipt>[],
  retryAfterMs: number | undefined,
): Sent {
  const of = Map.groupBy(listed, ({ index }) => index);
  const fates = events.map((_, place): Fate => {
    const [only, second] = of.get(place) ?? [];
    if (only === undefined || second !== undefined || only.status === "failed") return { kind: "unknown" };
    return only.status === "accepted" ? { kind: "accepted" } : { kind: "refused", reason: only.reason };
  });
  const open = fates.filter(({ kind }) => kind === "unknown").length;
  return open === 0
    ? { fates }
    : { fates, trouble: `${open} of ${events.length} events are not known to be stored`, retryAfterMs };
}

const unknownAll = (events: readonly string[]): readonly Fate[] => events.map(() => ({ kind: "unknown" }));

const hint = ({ status, json }: Answer): string => {
  if (status === 403)
    return ": the request is not signed (sign: signForAws()), or its role may not call the door";
  if (status === 404) return ": is this the usageUrl?";
  if (status === 429) return ": more requests than it takes";
  const said = explained.safeParse(json);
  return said.success ? `: ${said.data.reason.slice(0, 300)}` : "";
};

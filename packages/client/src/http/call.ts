import type { Sign, Unsigned } from "./sign.ts";

/** How a door is reached. */
export interface DoorOptions {
  /** For a deployed door, `signForAws()`; left out, nothing is signed, as on a laptop. */
  readonly sign?: Sign | undefined;
  /** After how many milliseconds without a whole answer a try is given up. */
  readonly timeoutMs?: number | undefined;
  /** Sends requests; the runtime's own when left out. */
  readonly fetch?: typeof fetch | undefined;
}

/** An answer, its body read. */
export interface Answer {
  readonly status: number;
  /** After how many milliseconds the door wants to be asked again, if it said so. */
  readonly retryAfterMs: number | undefined;
  /** For how many milliseconds a cache on the way has had it; 0 when it comes from the door itself. */
  readonly ageMs: number;
  /** `undefined` when the body is no JSON. */
  readonly json: unknown;
}

/** A door is not asked to be waited for longer. */
const maxRetryAfterMs = 300_000;

/** @throws whatever kept the whole answer from coming within its time; what was asked may have happened all the same */
export async function call(
  request: Unsigned,
  { sign, timeoutMs, fetch: send = fetch }: DoorOptions & { readonly timeoutMs: number },
  nowMs: number,
  given?: AbortSignal,
): Promise<Answer> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(given === undefined ? [] : [given])]);
  signal.throwIfAborted();
  const headers = sign === undefined ? new Headers(request.headers) : await orAborted(sign(request), signal);
  const response = await send(request.url, {
    ...{ method: request.method, headers, signal, redirect: "error" },
    ...(request.body !== undefined && { body: request.body }),
  });
  const { status } = response;
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), nowMs);
  const ageMs = readAge(response.headers.get("age"));
  return { status, retryAfterMs, ageMs, json: jsonOf(await response.text()) };
}

/** Whoever signs may wait for credentials, and knows nothing of the signal. */
async function orAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxRetryAfterMs);
}

/** Seconds (RFC 9111, section 5.1). */
const readAge = (text: string | null): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : 0;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What went wrong, with its cause: `fetch` hides it below "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

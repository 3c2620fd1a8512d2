import { type Answer, call, type DoorOptions, reasonOf } from "../http/call.ts";
import type { TimeOptions } from "../time.ts";
import {
  type AccessAnswer,
  answerSchema,
  type Entitlement,
  type ProductAccess,
  type Refusal,
} from "./answer.ts";
import { Kept, type Known } from "./kept.ts";

export type { Entitlement, ProductAccess, Refusal, SubscriptionAccess } from "./answer.ts";

export interface AccessOptions extends DoorOptions, Pick<TimeOptions, "now"> {
  /** The stack's `accessUrl`; on a laptop `npm start` names it. */
  readonly url: string;
  /** For how many seconds a yes is used without asking again; 60. */
  readonly maxAgeSeconds?: number | undefined;
  /** For how many seconds a no is; 5, since a buyer who has just come is waiting for a yes. */
  readonly refusedMaxAgeSeconds?: number | undefined;
  /** For how many seconds the last known truth is used while the service is away; 86,400, a day. */
  readonly staleForSeconds?: number | undefined;
  /** Answers that are kept; 10,000. */
  readonly maxEntries?: number | undefined;
}

/** Whether a subject may use a product, and how old that is. */
export interface Access {
  readonly allowed: boolean;
  /** Why not. */
  readonly reason?: Refusal | undefined;
  /** The same in words. */
  readonly explanation?: string | undefined;
  /** Titles of the plans that were bought; as all that follows, empty while it is not allowed. */
  readonly plans: readonly string[];
  readonly features: readonly string[];
  /** Dimensions of which usage may be reported. */
  readonly metered: readonly string[];
  /** Of each subscription that gives it, unadded: which quantities add up is for the product to say. */
  readonly entitlements: readonly (Entitlement & { readonly subscriptionId: string })[];
  /** Everything that was answered, product by product. */
  readonly products: readonly ProductAccess[];
  /** Seconds since the service was asked for it; 0 when nothing is known. */
  readonly ageSeconds: number;
  /** The service could not be asked, and this is the last that it said. */
  readonly stale: boolean;
  /** Why the service could not be asked. */
  readonly error?: string | undefined;
}

const defaults = { maxAgeSeconds: 60, refusedMaxAgeSeconds: 5, staleForSeconds: 86_400, maxEntries: 10_000 };
/** A person is waiting. */
const defaultTimeoutMs = 2_000;
/** One try more: a connection may have been closed. */
const maxTries = 2;
/** From a cache on the way, or slowly. */
const overAlready = "the service's answer came when it was over";
/** For so long a service that was away is not asked again about the same. */
const awaySeconds = 2;

/** Asks the service who may use what, and keeps its answers for a while. Never says more than was last answered. */
export class AccessClient {
  private readonly url: string;
  private readonly door: DoorOptions & { readonly timeoutMs: number };
  private readonly now: () => number;
  private readonly settings: typeof defaults;
  private readonly kept: Kept;
  /** Questions under way, each asked once however many want to know. */
  private readonly asking = new Map<string, Promise<Access>>();

  constructor(options: AccessOptions) {
    const { maxAgeSeconds, refusedMaxAgeSeconds, staleForSeconds, maxEntries } = options;
    this.url = new URL(options.url).href;
    this.door = {
      sign: options.sign,
      fetch: options.fetch,
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    };
    this.now = options.now ?? Date.now;
    this.settings = {
      maxAgeSeconds: maxAgeSeconds ?? defaults.maxAgeSeconds,
      refusedMaxAgeSeconds: refusedMaxAgeSeconds ?? defaults.refusedMaxAgeSeconds,
      staleForSeconds: staleForSeconds ?? defaults.staleForSeconds,
      maxEntries: maxEntries ?? defaults.maxEntries,
    };
    this.kept = new Kept(this.settings.maxEntries);
  }

  /**
   * Whether a subject may use a product. Never throws: what cannot be known is a no, with the reason `unknown` and the error.
   * @param subject a license, a subscription, a customer, or your own reference of customers, as in usage events
   * @param product the product's code, when the subject may have several
   */
  async access(
    subject: string,
    { product }: { readonly product?: string | undefined } = {},
  ): Promise<Access> {
    const key = JSON.stringify([subject, product ?? null]);
    const nowMs = this.now();
    const known = this.remembered(key, nowMs);
    const maxAgeSeconds =
      known?.answer.allowed === true ? this.settings.maxAgeSeconds : this.settings.refusedMaxAgeSeconds;
    if (known !== undefined && holds(known, maxAgeSeconds, nowMs)) return accessOf(known, nowMs);
    if (known?.away !== undefined && isWithin(known.away.atMs, awaySeconds, nowMs))
      return this.lastKnown(known, known.away.error, nowMs);
    const underWay = this.asking.get(key);
    if (underWay !== undefined) return underWay;
    const asked = this.ask(key, subject, product).finally(() => {
      if (this.asking.get(key) === asked) this.asking.delete(key);
    });
    this.asking.set(key, asked);
    return asked;
  }

  /**
   * Forgets what is known about a subscription, a customer or whatever else you ask by, so that it is asked anew: for lifecycle events,
   * whose `subject` may be given as it is.
   */
  forget(subject: string): void {
    this.kept.forget(subject.replace(/\/entitlements$/, ""));
    // What was asked before may be answered with what was true before.
    this.asking.clear();
  }

  private async ask(key: string, subject: string, product: string | undefined): Promise<Access> {
    const epoch = this.kept.epoch;
    const askedAtMs = this.now();
    const answer = await this.fetchAnswer(subject, product);
    const nowMs = this.now();
    if ("answer" in answer) {
      const known = knownOf(answer.answer, askedAtMs - answer.ageMs);
      if (this.kept.epoch === epoch) this.kept.set(key, known);
      if (nowMs - known.askedAtMs >= known.holdsForMs) return unknown(overAlready);
      return accessOf(known, nowMs);
    }
    if (!answer.away) {
      // What was known is the answer to another question, also later, when nobody answers.
      if (this.kept.epoch === epoch) this.kept.delete(key);
      return unknown(answer.error);
    }
    const before = this.remembered(key, nowMs);
    if (before !== undefined) this.kept.set(key, { ...before, away: { atMs: nowMs, error: answer.error } });
    return this.lastKnown(before, answer.error, nowMs);
  }

  /** Of what was asked later than now the age is unknown for good: the clock was set back, and will pass that moment once more. */
  private remembered(key: string, nowMs: number): Known | undefined {
    const known = this.kept.get(key);
    if (known === undefined || nowMs >= known.askedAtMs) return known;
    this.kept.delete(key);
    return undefined;
  }

  private lastKnown(known: Known | undefined, error: string, nowMs: number): Access {
    if (known === undefined || !holds(known, this.settings.staleForSeconds, nowMs)) return unknown(error);
    return { ...accessOf(known, nowMs), stale: true, error };
  }

  private async fetchAnswer(subject: string, product: string | undefined): Promise<Fetched> {
    const url = new URL(this.url);
    url.searchParams.set("subject", subject);
    if (product !== undefined) url.searchParams.set("product", product);
    let error = "";
    for (let tries = 0; tries < maxTries; tries += 1) {
      const got = await this.attempt(url.href);
      if (typeof got === "string") {
        error = got;
        continue;
      }
      const parsed = answerSchema.safeParse(got.json);
      if (got.status === 200 && parsed.success && parsed.data.subject === subject)
        return { answer: parsed.data, ageMs: got.ageMs };
      error = `the service answered ${got.status}${said(got.json)}`;
      // The question is wrong.
      if (got.status === 400) return { away: false, error };
      if (got.status < 500) break;
    }
    return { away: true, error };
  }

  private async attempt(url: string): Promise<Answer | string> {
    try {
      return await call(
        // Whoever asks again has forgotten, or waited, for a newer answer than a cache on the way may have.
        { method: "GET", url, headers: { accept: "application/json", "cache-control": "no-cache" } },
        this.door,
        this.now(),
      );
    } catch (error) {
      return `no answer came from the service (${reasonOf(error)})`;
    }
  }
}

export const createAccess = (options: AccessOptions): AccessClient => new AccessClient(options);

type Fetched =
  /** `ageMs`: for so long a cache on the way had it. */
  | { readonly answer: AccessAnswer; readonly ageMs: number }
  /** `away`: the service could not be asked. */
  | { readonly away: boolean; readonly error: string };

/**
 * What an answer says of an end is told by the service's clock, and counted from the moment of asking by ours: the two may differ, and
 * the answer may have taken a while.
 */
function knownOf(answer: AccessAnswer, askedAtMs: number): Known {
  const ends = answer.products.flatMap(({ holdsUntil }) =>
    holdsUntil === undefined ? [] : [Date.parse(holdsUntil)],
  );
  return { answer, askedAtMs, holdsForMs: Math.min(...ends) - Date.parse(answer.asOf) };
}

const holds = ({ askedAtMs, holdsForMs }: Known, maxAgeSeconds: number, nowMs: number): boolean =>
  nowMs - askedAtMs < holdsForMs && isWithin(askedAtMs, maxAgeSeconds, nowMs);

/** A clock that was set back says nothing about how long ago something was. */
const isWithin = (fromMs: number, seconds: number, nowMs: number): boolean =>
  nowMs >= fromMs && nowMs - fromMs < seconds * 1_000;

function accessOf({ answer, askedAtMs }: Known, nowMs: number): Access {
  const { allowed, reason, explanation, products } = answer;
  // A yes is about exactly one product.
  const [only] = allowed ? products : [];
  return {
    ...{ allowed, reason, explanation, products },
    ...{ plans: only?.plans ?? [], features: only?.features ?? [], metered: only?.metered ?? [] },
    entitlements: (only?.subscriptions ?? []).flatMap(({ subscriptionId, entitlements }) =>
      entitlements.map((each) => ({ ...each, subscriptionId })),
    ),
    ageSeconds: Math.max(0, Math.floor((nowMs - askedAtMs) / 1_000)),
    stale: false,
  };
}

const unknown = (error: string): Access => ({
  ...{ allowed: false, reason: "unknown", explanation: "nothing is known: the service gave no answer" },
  ...{
    plans: [],
    features: [],
    metered: [],
    entitlements: [],
    products: [],
    ageSeconds: 0,
    stale: false,
    error,
  },
});

/** The service's own reason. */
const said = (json: unknown): string =>
  typeof json === "object" && json !== null && "reason" in json ? `: ${String(json.reason)}` : "";

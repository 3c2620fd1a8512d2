import type { Instant } from "../time/instant.ts";

/** A disagreement between AWS and us that was seen, and since when. It becomes a fact when it is still there later. */
export interface Suspicion {
  readonly id: string;
  readonly agreementId: string;
  readonly what: string;
  readonly firstSeenAt: Instant;
}

/** What earlier comparisons saw, and when all was compared last. */
export interface Suspicions {
  all(): Promise<readonly Suspicion[]>;
  put(suspicion: Suspicion): Promise<void>;
  remove(id: string): Promise<void>;
  lastSweepAt(): Promise<Instant | undefined>;
  sweptAt(at: Instant): Promise<void>;
}

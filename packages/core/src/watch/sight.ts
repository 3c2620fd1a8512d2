import type { RiskReport } from "../ledger/at-risk.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { FoldHead, ProductSwitch } from "../metering/store.ts";
import type { Instant } from "../time/instant.ts";

/** What one look at the tables found that waits. */
export interface Sight {
  readonly risk: Pick<RiskReport, "all" | "lateSince" | "lateBooks" | "waitingSince">;
  /** Hour-shards of closed hours that are marked as not folded. */
  readonly unfoldedCount: number;
  /** Those of them that sealing has not passed. */
  readonly unfolded: readonly Pick<FoldHead, "hour" | "coveredUntil">[];
  /** Grants in their final hour. */
  readonly endings: readonly Ending[];
  /** Of every product that is metered. */
  readonly switches: readonly (ProductSwitch & { readonly title: string })[];
  /** What was not looked at, in sentences. */
  readonly unseen: readonly string[];
}

export interface Ending {
  readonly subscriptionId: SubscriptionId;
  readonly cutAt: Instant;
  /** Everything that was used is folded and sealed, and AWS has answered to it. */
  readonly isDone: boolean;
}

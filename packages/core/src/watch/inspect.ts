import { checkAgain, type CheckedAgain } from "../ledger/check-again.ts";
import { checkLedger, type LedgerReport } from "../ledger/check-ledger.ts";
import type { LedgerReader } from "../ledger/ledger-item.ts";
import type { Clock } from "../time/clock.ts";

export type Inspection =
  | ({ readonly kind: "completed" } & CheckedAgain)
  /** Time ran out: nothing is known about what was not looked at. */
  | { readonly kind: "cut-short"; readonly looked: LedgerReport["looked"] };

class OutOfTime extends Error {
  readonly looked: LedgerReport["looked"];
  constructor(looked: LedgerReport["looked"]) {
    super("Time ran out before everything was looked at.");
    this.looked = { ...looked };
  }
}

/**
 * Adds up the whole installation, and again where something differs, as long as there is time.
 * @param pause lets others finish what they had half done when it was read
 */
export async function inspectBooks(
  { ledger, clock }: { readonly ledger: LedgerReader; readonly clock: Clock },
  { hasTime, pause }: { readonly hasTime: () => boolean; readonly pause: () => Promise<void> },
): Promise<Inspection> {
  const stopInTime = (looked: LedgerReport["looked"]): void => {
    if (!hasTime()) throw new OutOfTime(looked);
  };
  try {
    const look = async () => checkLedger(ledger, await clock.now(), stopInTime);
    return { kind: "completed", ...(await checkAgain(look, pause)) };
  } catch (error) {
    if (error instanceof OutOfTime) return { kind: "cut-short", looked: error.looked };
    throw error;
  }
}

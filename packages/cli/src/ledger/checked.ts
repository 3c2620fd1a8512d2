import type { LedgerReport, RecordState } from "@tollhouse/core/ledger/check-ledger";

type Records = Readonly<Record<RecordState, string>>;

/** Amounts are exact decimals. */
export interface Checked {
  readonly balanced: boolean;
  readonly accepted: string;
  readonly unfolded: string;
  readonly inFlight: string;
  readonly waiting: string;
  readonly unbillable: Readonly<Record<keyof LedgerReport["unbillable"], string>> & { readonly all: string };
  readonly covered: string;
  readonly balance: string;
  readonly records: Records & { readonly all: string };
  readonly repeated: string;
  readonly looked: LedgerReport["looked"];
  readonly differences: readonly string[];
  /** How often everything was read. */
  readonly looks: number;
  /** Whether each look found the very same differences; else things changed meanwhile. */
  readonly sameEachLook: boolean;
}

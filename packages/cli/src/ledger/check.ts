import { checkAgain } from "@tollhouse/core/ledger/check-again";
import { checkLedger, type LedgerReport } from "@tollhouse/core/ledger/check-ledger";
import { formatQuantity, total } from "@tollhouse/core/quantity/micro-units";
import type { Answer } from "../answer.ts";
import type { MeteringSource } from "../source.ts";
import type { Checked } from "./checked.ts";
import { checkedText } from "./check-text.ts";

export interface Telling {
  readonly onProgress: (looked: Checked["looked"]) => void;
  /** Before everything is read once more; resolves when it is time. */
  readonly beforeLook: (look: number, of: number) => Promise<void>;
}

/** Adds up the whole installation. A difference is looked at again before it is told. */
export async function checkBooks(
  { ledger, clock }: Pick<MeteringSource, "ledger" | "clock">,
  { onProgress, beforeLook }: Telling,
): Promise<Answer<Checked>> {
  const look = async () => checkLedger(ledger, await clock.now(), onProgress);
  const { report, looks, sameEachLook } = await checkAgain(look, beforeLook);
  const balanced = report.differences.length === 0;
  return {
    data: { balanced, ...inDecimals(report), looks, sameEachLook },
    isWrong: !balanced,
    text: checkedText,
  };
}

function inDecimals({ looked, differences, unbillable, records, ...sums }: LedgerReport) {
  return {
    accepted: formatQuantity(sums.accepted),
    unfolded: formatQuantity(sums.unfolded),
    inFlight: formatQuantity(sums.inFlight),
    waiting: formatQuantity(sums.waiting),
    unbillable: { all: formatQuantity(total(Object.values(unbillable))), ...decimalsOf(unbillable) },
    covered: formatQuantity(sums.covered),
    balance: formatQuantity(sums.balance),
    records: { all: formatQuantity(total(Object.values(records))), ...decimalsOf(records) },
    repeated: formatQuantity(sums.repeated),
    looked,
    differences,
  };
}

const decimalsOf = <Name extends string>(
  amounts: Readonly<Record<Name, Parameters<typeof formatQuantity>[0]>>,
): Record<Name, string> =>
  Object.fromEntries(
    Object.entries<Parameters<typeof formatQuantity>[0]>(amounts).map(([name, amount]) => [
      name,
      formatQuantity(amount),
    ]),
  ) as Record<Name, string>;

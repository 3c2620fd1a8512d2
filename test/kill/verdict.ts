import type { LedgerCheck } from "../integration/ledger-check.ts";
import type { Bill } from "../integration/outside.ts";
import { type Ledger, bookOf, differences } from "./ledger.ts";
import type { Aftermath } from "./ordeal.ts";
import { ledgerKey } from "./usage-stream.ts";

/** Why copies that claim another hour are kept for people to see. */
const contradiction = "sent more than once with different content";
const million = 1_000_000n;

/** Everything that is not as if nobody had been killed, in sentences. */
export function wrongIn(aftermath: Aftermath): readonly string[] {
  const { stream, ledger, report, deadLetters, quarantined } = aftermath;
  const { billed, byHour, byTags } = amountsOf(aftermath);
  const sentByBook = new Map<string, bigint>();
  for (const [key, units] of stream.sent) {
    const [id, dimension] = JSON.parse(key) as [string, string];
    add(sentByBook, bookOf(id, dimension), units);
  }
  const fractions = new Map([...ledger.unbillable].map(([book, by]) => [book, by.get("fraction") ?? 0n]));
  return [
    ...differences(["sent", "counted"], sentByBook, ledger.counted),
    ...differences(["sent", "billed and left over"], sentByBook, sum(billed, fractions)),
    ...differences(["recorded", "billed"], recordedByHour(ledger), byHour),
    ...differences(["recorded", "billed"], ledger.recorded, byTags),
    ...unfairlySplit(stream.sent, byTags),
    ...unbillable(ledger),
    ...ledger.records.flatMap(({ book, hour, outcome }) =>
      outcome === "accepted" ? [] : [`the record of ${book} for ${hour} is ${outcome}`],
    ),
    ...report.differences,
    ...(report.exitCode === 0 ? [] : [`the ledger's check ended with ${report.exitCode}`]),
    ...differences(
      ["accepted by the ledger's check", "sent"],
      new Map([["all", report.accepted]]),
      new Map([["all", [...stream.sent.values()].reduce((all, units) => all + units, 0n)]]),
    ),
    ...differences(["left over by the ledger's check", "expected"], leftOver(report), new Map()),
    ...deadLetters.map((queue) => `${queue} holds messages`),
    ...quarantined.flatMap((reason) => (reason.includes(contradiction) ? [] : [`quarantined: ${reason}`])),
  ];
}

/** What AWS charges, by the ledger's names: by book, by its hours, and by tag set. */
function amountsOf({ bill, buyers }: { bill: Bill; buyers: Aftermath["buyers"] }) {
  const licenses = new Map(buyers.map(({ licenseArn, subscriptionId }) => [licenseArn, subscriptionId]));
  const idOf = (licenseArn: string) => licenses.get(licenseArn) ?? licenseArn;
  const billed = new Map<string, bigint>();
  const byHour = new Map<string, bigint>();
  const byTags = new Map<string, bigint>();
  for (const { licenseArn, dimension, hour, quantity } of bill.records) {
    const book = bookOf(idOf(licenseArn), dimension);
    add(billed, book, BigInt(quantity) * million);
    add(byHour, `${book} ${hour.slice(0, 13)}`, BigInt(quantity));
  }
  for (const { licenseArn, dimension, tags, quantity } of bill.tagTotals)
    add(byTags, ledgerKey(idOf(licenseArn), dimension, tags), BigInt(quantity) * million);
  return { billed, byHour, byTags };
}

/** Whole units are made of several tag sets' fractions, so each may be off by less than one. */
function unfairlySplit(
  sent: ReadonlyMap<string, bigint>,
  billed: ReadonlyMap<string, bigint>,
): readonly string[] {
  return [...new Set([...sent.keys(), ...billed.keys()])].flatMap((key) => {
    const [used, charged] = [sent.get(key) ?? 0n, billed.get(key) ?? 0n];
    const apart = used > charged ? used - charged : charged - used;
    return apart < million ? [] : [`${key}: used ${used}, billed ${charged} (millionths)`];
  });
}

/** Nobody is billed for less than a unit when the buyer has left; anything else was lost. */
const unbillable = (ledger: Ledger): readonly string[] =>
  [...ledger.unbillable].flatMap(([book, by]) =>
    [...by].flatMap(([reason, units]) =>
      units === 0n || (reason === "fraction" && units > 0n && units < million)
        ? []
        : [`${book}: ${units} millionths are billed to nobody: ${reason}`],
    ),
  );

const leftOver = ({ unfolded, inFlight, waiting, balance }: LedgerCheck): ReadonlyMap<string, bigint> =>
  new Map(Object.entries({ unfolded, inFlight, waiting, balance }));

const recordedByHour = ({ records }: Ledger): ReadonlyMap<string, bigint> =>
  new Map(records.map(({ book, hour, quantity }) => [`${book} ${hour}`, quantity]));

const add = (sums: Map<string, bigint>, key: string, more: bigint) =>
  sums.set(key, (sums.get(key) ?? 0n) + more);

function sum(
  one: ReadonlyMap<string, bigint>,
  other: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> {
  const sums = new Map(one);
  for (const [key, units] of other) add(sums, key, units);
  return sums;
}

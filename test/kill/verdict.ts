import { type Ledger, bookOf, differences } from "./ledger.ts";
import type { LedgerCheck } from "../integration/ledger-check.ts";
import type { Aftermath } from "./ordeal.ts";

/** Why copies that claim another hour are kept for people to see. */
const contradiction = "sent more than once with different content";

/** Everything that is not as if nobody had been killed, in sentences. */
export function wrongIn(aftermath: Aftermath): readonly string[] {
  const { stream, ledger, report, bill, deadLetters, quarantined, buyers } = aftermath;
  const sentByBook = new Map<string, bigint>();
  for (const [key, units] of stream.sent) {
    const [id, dimension] = JSON.parse(key) as [string, string];
    const book = bookOf(id, dimension);
    sentByBook.set(book, (sentByBook.get(book) ?? 0n) + units);
  }
  const licenses = new Map(buyers.map(({ licenseArn, subscriptionId }) => [licenseArn, subscriptionId]));
  const billed = new Map<string, bigint>();
  const billedByHour = new Map<string, bigint>();
  for (const { licenseArn, dimension, hour, quantity } of bill) {
    const book = bookOf(licenses.get(licenseArn) ?? licenseArn, dimension);
    billed.set(book, (billed.get(book) ?? 0n) + BigInt(quantity) * 1_000_000n);
    billedByHour.set(`${book} ${hour.slice(0, 13)}`, BigInt(quantity));
  }
  return [
    ...differences(["sent", "counted"], sentByBook, ledger.counted),
    ...differences(["sent", "in balances and records"], stream.sent, ledger.accounted),
    ...differences(["counted", "billed and in balances"], ledger.counted, sum(billed, ledger.held)),
    ...differences(["recorded", "billed"], recordedByHour(ledger), billedByHour),
    ...ledger.records.flatMap(({ book, hour, outcome }) =>
      outcome === "accepted" ? [] : [`the record of ${book} for ${hour} is ${outcome}`],
    ),
    ...report.differences,
    ...(report.exitCode === 0 ? [] : [`the ledger's check ended with ${report.exitCode}`]),
    ...differences(
      ["accepted by the ledger's check", "sent"],
      new Map([["all", report.accepted]]),
      allOf(stream.sent),
    ),
    ...differences(["left over by the ledger's check", "expected"], leftOver(report), new Map()),
    ...deadLetters.map((queue) => `${queue} holds messages`),
    ...quarantined.flatMap((reason) => (reason.includes(contradiction) ? [] : [`quarantined: ${reason}`])),
  ];
}

const allOf = (sent: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> =>
  new Map([["all", [...sent.values()].reduce((all, units) => all + units, 0n)]]);

const leftOver = ({ unfolded, inFlight, waiting }: LedgerCheck): ReadonlyMap<string, bigint> =>
  new Map(Object.entries({ unfolded, inFlight, waiting }));

const recordedByHour = ({ records }: Ledger): ReadonlyMap<string, bigint> =>
  new Map(records.map(({ book, hour, quantity }) => [`${book} ${hour}`, quantity]));

function sum(
  one: ReadonlyMap<string, bigint>,
  other: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> {
  const sums = new Map(one);
  for (const [key, units] of other) sums.set(key, (sums.get(key) ?? 0n) + units);
  return sums;
}

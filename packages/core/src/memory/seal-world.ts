import type { Configuration } from "../configuration/configuration.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { type BookKey, post } from "../metering/book.ts";
import { finalBarrier } from "../metering/final-hour.ts";
import { type Sealed, sealHours, type SealPorts } from "../metering/seal-hours.ts";
import { microUnits } from "../quantity/micro-units.ts";
import { formatHour } from "../time/utc-hour.ts";
import { type TagSet, untagged } from "../usage/usage-event.ts";
import { at, example, exampleConfiguration, hour, licenseId } from "./example.ts";
import { memoryMeter } from "./meter.ts";

/** The book that tests of sealing are about, unless they say otherwise. */
export const sealedKey: BookKey = {
  subscriptionId: licenseId as string as SubscriptionId,
  dimension: "gb_stored",
};

const million = 1_000_000n;

/** Books in memory whose usage is counted by hand, and sealed as if everything were folded. Nobody has a grant yet. */
export function sealWorld(book: BookKey = sealedKey, configuration: Configuration = exampleConfiguration) {
  const meter = memoryMeter(configuration);
  let plans = 0;
  const countMicro = async (
    of: string,
    micro: bigint,
    key = book,
    tagSet: TagSet = untagged,
  ): Promise<void> => {
    const amounts = new Map([[tagSet, microUnits(micro)]]);
    const posting = { book: key, hour: hour(of), amounts };
    const after = post(await meter.ports.books.load(key), posting.hour, amounts);
    const outcome = await meter.ports.books.post(after, posting, `p-${(plans += 1)}`);
    if (outcome !== "posted") throw new Error(`The example book was not posted: ${outcome}.`);
  };
  const sealWith = (
    ports: SealPorts,
    through: string,
    now: string,
    besides: readonly SubscriptionId[] = [],
  ): Promise<Sealed> => {
    const isFinal = finalBarrier(configuration.settings, at(now), () => Promise.resolve([]));
    return sealHours(ports, configuration, { through: hour(through), isFinal, now: at(now) }, besides);
  };
  /** Seals through an hour; what came of it, as short as can be. */
  const seal = async (through: string, now: string, besides?: readonly SubscriptionId[]) => {
    const { sealed, skipped, writtenOff } = await sealWith(meter.ports, through, now, besides);
    return {
      records: sealed.map((record) => [formatHour(record.hour), record.entry.quantity] as const),
      skipped: skipped.map(({ reason }) => reason),
      writtenOff: writtenOff.map(({ reason, units }) => [reason, units] as const),
    };
  };
  return {
    ...meter,
    countMicro,
    /** Counts whole units in an hour. */
    count: (of: string, units: bigint, key = book) => countMicro(of, units * million, key),
    held: async (of: string, key = book) =>
      (await meter.ports.books.load(key)).balance.get(hour(of))?.get(untagged) ?? 0n,
    book: (key = book) => meter.ports.books.load(key),
    seal,
    sealWith,
  };
}

/** The same with a license that is active since noon of 19 August 2026. */
export async function activeWorld(configuration?: Configuration) {
  const world = sealWorld(sealedKey, configuration);
  await world.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
  return world;
}

import { explainRecord } from "@tollhouse/core/ledger/explain";
import type { ExplainedFold, ExplainedHour, Explanation } from "@tollhouse/core/ledger/explained";
import { fateOf } from "@tollhouse/core/ledger/fate";
import { nameRecord, type RecordPlace } from "@tollhouse/core/ledger/record-name";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { formatQuantity, type MicroUnits, subtract } from "@tollhouse/core/quantity/micro-units";
import type { Instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import type { MeteringSource } from "../source.ts";
import { tagsOf } from "../usage/tag-phrase.ts";
import { explainedText } from "./explain-text.ts";
import type { FoldShown, HourShown, RecordExplained, RecordShown } from "./explained-shown.ts";
import { wordsOf } from "./fate-words.ts";

type Reads = Pick<
  MeteringSource,
  ("store" | "books" | "waiting" | "usageLog" | "folds" | "history" | "shards") | ("clock" | "configuration")
>;

interface Asked {
  /** What AWS holds for the hour, as the operator found out. */
  readonly awsHas: bigint | undefined;
  readonly limit: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** @throws CommandError when there is no such record */
export async function explainLedger(
  source: Reads,
  place: RecordPlace,
  { awsHas, limit, onProgress }: Asked,
): Promise<Answer<RecordExplained>> {
  const now = await source.clock.now();
  // Usage of a license that belongs to another subscription is in that one's books.
  const holder = await source.store.holderOf(place.key.subscriptionId);
  const key = { ...place.key, subscriptionId: holder?.id ?? place.key.subscriptionId };
  const explained = await explainRecord(
    { ...source, subscriptions: source.store },
    source.configuration,
    { ...place, key },
    { now, limit, shards: await source.shards(), ...(onProgress && { onProgress }) },
  );
  if (explained === undefined) throw noRecord({ ...place, key });
  const data = shown(explained, { awsHas, now });
  return {
    data,
    isWrong: data.differences.length > 0 || (data.fate.tooMuch ?? "0") !== "0",
    text: explainedText,
  };
}

const noRecord = (place: RecordPlace): CommandError =>
  new CommandError(
    "not-found",
    `There is no usage record ${nameRecord(place)}. \`tollhouse ledger show ${place.key.subscriptionId}\` lists those there are; an hour without usage has none.`,
  );

function shown(
  explained: Explanation,
  { awsHas, now }: { readonly awsHas: bigint | undefined; readonly now: Instant },
): RecordExplained {
  const { record, subscription, hours, namesHours } = explained;
  const fate = fateOf(record, { now, subscription, awsHas });
  const { least, most } = fate.billed;
  return {
    record: shownRecord(record),
    hours: hours.map(shownHour),
    namesHours,
    differences: differencesOf(explained),
    fate: {
      billed: { least: least.toString(), ...(most !== undefined && { most: most.toString() }) },
      ...(fate.tooMuch !== undefined && { tooMuch: fate.tooMuch.toString() }),
      remedies: fate.remedies,
      ...wordsOf(record, fate, { subscription, awsHas, now }),
    },
  };
}

function shownRecord(record: UsageRecord): RecordShown {
  const { subscriptionId, dimension, hour, productCode, entry, deadlineAt, attempts, outcome } = record;
  const { region, identity, timestamp, quantity, allocations } = entry;
  return {
    name: nameRecord({ key: { subscriptionId, dimension }, hour }),
    ...{ subscriptionId, dimension, hour: formatHour(hour), productCode, deadlineAt, attempts, outcome },
    entry: {
      ...{ region, identity, timestampAt: timestamp, quantity: quantity.toString() },
      allocations: allocations.map(({ tagSet, units }) => ({
        tags: tagsOf(tagSet) ?? {},
        units: units.toString(),
      })),
    },
  };
}

const shownHour = ({
  hour,
  units,
  folds,
  moves,
  held,
  leftOut,
  missing,
  isExpired,
}: ExplainedHour): HourShown => ({
  ...{ hour: formatHour(hour), units: formatQuantity(units), isExpired },
  folds: folds.map(shownFold),
  moves: moves.map((move) => ({
    ...move,
    hour: formatHour(move.hour),
    units: formatQuantity(move.units),
  })),
  ...{ held: formatQuantity(held), leftOut: formatQuantity(leftOut), missing: formatQuantity(missing) },
});

const shownFold = ({
  planId,
  movedFrom,
  place,
  units,
  events,
  moreEvents,
  sums,
  problems,
}: ExplainedFold): FoldShown => ({
  ...{ plan: planId, units: formatQuantity(units), moreEvents, problems },
  ...(movedFrom !== undefined && { movedFrom }),
  ...(place !== undefined && { shard: place.shard }),
  later: formatQuantity(sums.later),
  unexplained: formatQuantity(subtract(units, sums.counted)),
  events: events.map(({ event, fate, segment }) => ({
    ...{ fate, segment, source: event.source, id: event.id, subject: event.subject, at: event.at },
    quantity: formatQuantity(event.quantity),
    tags: tagsOf(event.tagSet) ?? {},
  })),
});

/** What does not add up, in sentences. */
function differencesOf({ record, hours, difference }: Explanation): readonly string[] {
  const isSome = (units: MicroUnits) => units !== 0n;
  const entry = record.entry;
  const allocated = entry.allocations.reduce((sum, { units }) => sum + units, 0n);
  return [
    ...(isSome(difference)
      ? [
          `Its hours hold ${formatQuantity(difference).replace("-", "")} units ${difference > 0n ? "more" : "fewer"} than it says.`,
        ]
      : []),
    ...(allocated === entry.quantity
      ? []
      : [`Its allocations add up to ${allocated}, not to ${entry.quantity}.`]),
    ...hours.flatMap(({ hour, missing, folds }) => [
      ...(isSome(missing)
        ? [
            `Nobody can say how ${formatQuantity(missing)} units of ${formatHour(hour)} came in: \`tollhouse ledger check\` looks at everything.`,
          ]
        : []),
      ...folds.flatMap(({ planId, units, sums, problems }) => [
        ...problems,
        ...(units === sums.counted
          ? []
          : [
              `The fold ${planId} posted ${formatQuantity(units)} units of ${formatHour(hour)}, and of its events ${formatQuantity(sums.counted)} are found: some would be somebody else's by what is known today, or their segment is gone.`,
            ]),
      ]),
    ]),
  ];
}

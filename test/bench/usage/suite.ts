import { figure, type Spread } from "../statistics.ts";
import { makeSuite, type Report, type Table } from "../suite.ts";
import { type Counts, type CostFigures, type Figures, figuresSchema, type UnitsFigures } from "./figures.ts";
import { measureUsage } from "./measure.ts";
import { priceList, prices, sampleUnitsPerEvent } from "./price.ts";

const target = {
  ingestPerSecond: 300_000,
  foldPerSecond: 2_000_000,
  timesFaster: 20,
  ingestUnits: 0.04,
  allUnits: 0.08,
  dollars: 0.1,
};
const million = 1_000_000;

const spread = ({ median, least, most }: Spread): string =>
  `${figure(median)} (${figure(least)} to ${figure(most)})`;
const whole = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
const dollars = (value: number): string => `$${value >= 1 ? value.toFixed(2) : value.toFixed(4)}`;

const writeUnits = ({ tableUnits, indexUnits }: Counts): number => tableUnits + indexUnits;
const allUnits = ({ ingest, fold, meter }: UnitsFigures): number =>
  writeUnits(ingest) + writeUnits(fold) + writeUnits(meter);
const usageDollars = ({ writes, reads, storage, queues, functions }: CostFigures): number =>
  writes + reads + storage + queues + functions;
const sampleDollars = sampleUnitsPerEvent * prices.writeUnit * million;

function describe(figures: Figures): Report {
  return { targets: targets(figures), tables: tables(figures), notes: notes(figures) };
}

function targets({ compute, pace, units, costs }: Figures): Report["targets"] {
  const perEvent = units.map((each) => ({
    ingest: writeUnits(each.ingest) / each.events,
    all: allUnits(each) / each.events,
    name: licensesName(each.licenses),
  }));
  const atLeast = (what: string, least: number, found: number) => ({
    ...{ what, target: `≥ ${whole(least)}`, measured: figure(found), met: found >= least },
  });
  const atMost = (what: string, most: number, found: number, show = (value: number) => value.toFixed(3)) => ({
    ...{ what, target: `≤ ${most}`, measured: show(found), met: found <= most },
  });
  return [
    ...compute.ingest.map(({ eventsPerMessage, eventsPerSecond }) =>
      atLeast(
        `events ingested a second of one core, ${eventsPerMessage} a message`,
        target.ingestPerSecond,
        eventsPerSecond.median,
      ),
    ),
    atLeast("events folded a second of one core", target.foldPerSecond, compute.fold.eventsPerSecond.median),
    atLeast(
      "ingest and fold, times faster than a write for each event",
      target.timesFaster,
      pace.timesFaster.median,
    ),
    ...perEvent.flatMap(({ name, ingest, all }) => [
      atMost(`write units an event, ingest alone, ${name}`, target.ingestUnits, ingest),
      atMost(`write units an event, everything, ${name}`, target.allUnits, all),
    ]),
    ...costs.rates
      .filter(({ eventsPerHour, licenses }) => eventsPerHour / licenses >= 1_000)
      .map((rate) =>
        atMost(`dollars for a million events, ${rateName(rate)}`, target.dollars, usageDollars(rate)),
      ),
  ];
}

const licensesName = (count: number): string => (count === 1 ? "one license" : `${count} licenses`);
const rateName = ({ eventsPerHour, pollers }: CostFigures): string =>
  `${whole(eventsPerHour)} an hour, ${pollers === 1 ? "one poller" : `${pollers} pollers`}`;

function tables({ compute, pace, units, costs, loads }: Figures): readonly Table[] {
  return [
    {
      title:
        "One core, no input or output: events a second of the processor's time, median of the rounds (least to most)",
      columns: ["", "events a second", "the yardstick a second", "times the yardstick's work"],
      rows: [
        ...compute.ingest.map((each) => [
          `ingest, batches of ${whole(each.eventsPerBatch)} events, ${each.eventsPerMessage} a message`,
          ...[each.eventsPerSecond, each.parsedPerSecond, each.parsesPerIngest].map(spread),
        ]),
        [
          `fold of ${whole(compute.fold.events)} events, ${whole(compute.fold.repeats)} of them repeats`,
          ...[
            compute.fold.eventsPerSecond,
            compute.fold.insertedPerSecond,
            compute.fold.insertionsPerFold,
          ].map(spread),
        ],
      ],
    },
    {
      title: "With DynamoDB Local: median of the rounds (least to most)",
      columns: ["", "a second"],
      rows: [
        ["events, ingest and fold", spread(pace.eventsPerSecond)],
        ["events, ingest alone", spread(pace.ingestedPerSecond)],
        ["events, fold alone", spread(pace.foldedPerSecond)],
        ["plain writes of one event each", spread(pace.plainWritesPerSecond)],
        ["times faster than plain writes", spread(pace.timesFaster)],
      ],
    },
    {
      title: "Write units an event",
      columns: [
        "",
        ...units.map(({ licenses, events }) => `${licensesName(licenses)}, ${whole(events)} events`),
      ],
      rows: [
        ["ingest", (each: UnitsFigures) => writeUnits(each.ingest)] as const,
        ["fold", (each: UnitsFigures) => writeUnits(each.fold)] as const,
        ["seal, submit, outcome", (each: UnitsFigures) => writeUnits(each.meter)] as const,
        ["everything", allUnits] as const,
        [
          "of it indexes",
          (each: UnitsFigures) => each.ingest.indexUnits + each.fold.indexUnits + each.meter.indexUnits,
        ] as const,
        [
          "of it checks of the hours around",
          (each: UnitsFigures) => each.fold.byOperation["transaction: check"] ?? 0,
        ] as const,
        [
          "read units",
          (each: UnitsFigures) => each.ingest.readUnits + each.fold.readUnits + each.meter.readUnits,
        ] as const,
      ].map(([what, of]) => [what, ...units.map((each) => (of(each) / each.events).toFixed(4))]),
    },
    {
      title: `Dollars for a million events (AWS's sample: ${dollars(sampleDollars)} for its writes alone)`,
      columns: [
        ...["events an hour", "licenses", "shards", "pollers", "events a batch", "write units an event"],
        ...["writes", "reads", "storage", "queues", "functions", "all"],
      ],
      rows: costs.rates.map((rate) => [
        ...[rate.eventsPerHour, rate.licenses, rate.shards, rate.pollers].map(whole),
        whole(rate.ingestedEvents / rate.batches),
        rate.writeUnitsPerEvent.toFixed(4),
        ...[rate.writes, rate.reads, rate.storage, rate.queues, rate.functions, usageDollars(rate)].map(
          dollars,
        ),
      ]),
    },
    {
      title: "Dollars a month without any usage",
      columns: ["runs of the meter", "their reads", "polling of the queues"],
      rows: [[costs.idle.functions, costs.idle.reads, costs.idle.queues].map(dollars)],
    },
    {
      title: "One hour of",
      columns: [
        ...["", "events", "licenses", "ingest, s", "fold, s", "longest fold, s", "meter, s", "records"],
        ...["peak memory of ingest, MiB (heap)", "of fold and meter, MiB (heap)", "write units an event"],
      ],
      rows: loads.map((load) => [
        load.what,
        ...[load.events, load.licenses].map(whole),
        ...[load.ingestSeconds, load.foldSeconds, load.longestFoldSeconds, load.meterSeconds].map(figure),
        whole(load.records),
        ...[load.ingest, load.fold].map(
          ({ peakMib, peakHeapMib }) => `${whole(peakMib)} (${whole(peakHeapMib)})`,
        ),
        load.writeUnitsPerEvent.toFixed(4),
      ]),
    },
    {
      title: "Prices in dollars, us-east-1, November 2026",
      columns: ["what", "dollars", "page"],
      rows: priceList,
    },
  ];
}

const notes = ({ compute, costs, units }: Figures): readonly string[] => [
  `Every part asserts that what was counted and billed equals what was sent, to the millionth; a run that loses or invents a unit fails
and prints no figure. Events are CloudEvents of ${whole(compute.ingest[0]?.bytesPerEvent ?? 0)} bytes with random UUIDs as ids, which no
packing can shorten; every tenth has a tag. The same seed gives the same events. Each part has a process of its own.`,
  `One core: the processor's time of the process with all its threads, garbage collection among them, so that other work on the machine
changes little. Ingest reads, checks and packs into segments that go nowhere; its yardstick is \`JSON.parse\` of the same bytes. Fold
unpacks one pass of one hour-shard, drops repeats and adds up in stores that live in memory; its yardstick puts as many ids of 16 bytes
into a Set. The ratio is what to compare between versions and machines.`,
  `With DynamoDB Local: ingest and fold of an hour of 1,000 events a license, the folds of its shards at once, next to one PutItem an
event with the same client, ten at once. Whatever else the machine does meets both.`,
  `Write units: in batches of ${whole(units[0]?.batchSize ?? 0)} events, 100 a message. Counted from \`ConsumedCapacity\` of every request, indexes
included. Where DynamoDB Local says too little, AWS's rule is taken: of items of a transaction that cost the same it counts one, and a
query that finds nothing costs nothing there. Of ${units.reduce((sum, each) => sum + each.ingest.checked + each.fold.checked + each.meter.checked, 0)} plain writes the rule
and DynamoDB Local gave different units ${units.reduce((sum, each) => sum + each.ingest.differing + each.fold.differing + each.meter.differing, 0)} times.`,
  `Dollars: one hour of the usage is counted after six hours like it, in which the fold looks for repeats. Messages hold 100 events and
come evenly; a batch is what one poller of Lambda collects in the queue's window. With one poller batches are as large as can be; Lambda
begins with five, and each fills batches of its own. ${linear(costs.rates)} Durations of functions are those of this machine with its database beside
it. Runs of the meter that find nothing to do are part of the costs without usage. Storage is of what expires with its hour. Logs, and
what the relay and others cost that have nothing to do with usage, are left out.`,
  `One hour of: the use cases of the functions usage, fold and meter, one call after the other, ingest in one process and fold and meter in
another; no queue takes part. Peak memory is the process's largest resident set as the system says; the heap is looked at every 20 ms.
The meter's time is of all runs until every record has its outcome.`,
];

const linear = (rates: readonly CostFigures[]): string =>
  rates
    .filter(({ eventsPerHour, foldedEvents, pollers }) => foldedEvents < eventsPerHour && pollers === 1)
    .map(
      ({ eventsPerHour, shards, foldedEvents, ingestedEvents, licenses }) =>
        `Of ${whole(eventsPerHour)} events an hour only parts were measured that the whole consists of: ingest of ${whole(ingestedEvents)} events of all ` +
        `${whole(licenses)} licenses, and one of ${shards} shards with its ${whole(foldedEvents)} events from the first to the last step.`,
    )
    .join(" ");

export const usage = makeSuite(
  "Usage: from an event to its place in the bill",
  figuresSchema,
  measureUsage,
  describe,
);

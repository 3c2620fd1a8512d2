import { figure, type Latency, type Spread } from "../statistics.ts";
import { makeSuite, type Report } from "../suite.ts";
import { type Figures, figuresSchema } from "./figures.ts";
import { measureLifecycle } from "./measure.ts";

const leastPerSecond = 200;
const longestP99Ms = 50;

const spread = ({ median, least, most }: Spread): string =>
  `${figure(median)} (${figure(least)} to ${figure(most)})`;
const latency = ({ p50Ms, p95Ms, p99Ms }: Latency): string[] =>
  [p50Ms, p95Ms, p99Ms].map((value) => figure(value));

function describe(figures: Figures): Report {
  const { messagesPerSecond, availableToStored, plainWrite, batchSize } = figures;
  return {
    targets: [
      {
        what: "messages per second, one worker",
        target: `≥ ${leastPerSecond}`,
        measured: figure(messagesPerSecond.median),
        met: messagesPerSecond.median >= leastPerSecond,
      },
      {
        what: "message in the queue to stored state, p99",
        target: `≤ ${longestP99Ms} ms`,
        measured: `${figure(availableToStored.p99Ms)} ms`,
        met: availableToStored.p99Ms <= longestP99Ms,
      },
    ],
    tables: [
      {
        title: "Pace: median of the rounds (least to most)",
        columns: ["", "per second", "worker's processor time, ms each"],
        rows: [
          ["messages, queue never empty", spread(messagesPerSecond), figure(figures.messageCpuMs)],
          ["plain writes of one item", spread(figures.plainWritesPerSecond), figure(figures.plainWriteCpuMs)],
          [
            "plain writes in the time of one message",
            spread(figures.plainWritesPerMessage),
            figure(figures.messageCpuMs / figures.plainWriteCpuMs),
          ],
        ],
      },
      {
        title: "Latency in milliseconds",
        columns: ["", "p50", "p95", "p99", "measured"],
        rows: [
          [
            `message in the queue to stored state, ${figure(figures.offeredPerSecond.median)} a second arriving`,
            ...latency(availableToStored),
            String(availableToStored.count),
          ],
          ["plain write of one item", ...latency(plainWrite), String(plainWrite.count)],
        ],
      },
      {
        title: "What one message costs on average",
        columns: [
          ...["kind", "counted", "requests to DynamoDB", "read units", "transactions tried", "items in them"],
          ...["write units, table", "write units, indexes", "handler to stored, p50 ms"],
        ],
        rows: [...figures.costs, figures.averageCost].map((cost) => [
          cost === figures.averageCost ? "every message, as mixed" : cost.kind,
          String(cost.count),
          ...[cost.requests, cost.readUnits, cost.tries, cost.items, cost.tableUnits, cost.indexUnits].map(
            (value) => value.toFixed(2),
          ),
          figure(cost.p50Ms),
        ]),
      },
    ],
    notes: notes(figures, batchSize),
  };
}

const notes = ({ rounds }: Figures, batchSize: number): readonly string[] => [
  `The intake's own code (queue consumer, notification reader, DynamoDB store, waking of the relay, logs) runs in a process of its
own on the tables and queues of \`packages/functions/src/manifest.ts\`. It polls fauxqs, takes up to ${batchSize} messages at once,
stores them in DynamoDB Local, which keeps everything in memory, and deletes them from the queue.`,
  `The messages are SNS envelopes and EventBridge events about many buyers. Half of what happens is a new buyer, the rest are changes,
departures and repeats of earlier messages; nine of ten new buyers also register. The same seed gives the same messages in every run.`,
  `Pace: in each round (${rounds} in this run) the worker empties a full queue and makes plain writes, now one first, now the other. A
plain write is a PutItem of 500 bytes into the same table by the same kind of client, as many at once as a batch has messages. Whatever
else the machine does meets both, so their ratio is what to compare between versions and machines. The processor's time is that of
the worker's process; the database's comes on top.`,
  `Latency: messages then arrive at random moments, half as many a second as the full queue gave. It runs from the queue's own time
stamp to the answer of DynamoDB's transaction, and so includes the wait for the batch before.`,
  `Cost: counted apart from the pace. Read units are as DynamoDB Local reports them. Write units are by AWS's rule from what the
requests ask for, since DynamoDB Local counts items of a transaction that cost the same only once: two for each KiB begun of an item,
and one for each index that it is in. An index that an item leaves or moves in costs one more, which is not counted. A transaction
that met another one is tried again and counts both times. \`customer-registered\` is a visit to the registration page, no message.`,
];

export const lifecycle = makeSuite(
  "Lifecycle: from a message in the queue to stored state",
  figuresSchema,
  measureLifecycle,
  describe,
);

import { figure, type Latency } from "../statistics.ts";
import { makeSuite, type Report } from "../suite.ts";
import { type Figures, figuresSchema } from "./figures.ts";
import { measureAccess } from "./measure.ts";

const target = { cachedPerSecond: 100_000, missP99Ms: 50 };
const whole = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

const latencyRow = (
  what: string,
  { p50Ms, p95Ms, p99Ms, count }: Latency,
  plain: Latency,
  requests: number,
) => [
  what,
  ...[p50Ms, p95Ms, p99Ms].map(figure),
  figure(p50Ms / plain.p50Ms),
  String(requests),
  String(count),
];

function describe(figures: Figures): Report {
  const { cachedPerSecond, missByLicense, missByCustomer, plainRead } = figures;
  return {
    targets: [
      {
        ...{
          what: "answers a second from what the client keeps",
          target: `≥ ${whole(target.cachedPerSecond)}`,
        },
        measured: whole(cachedPerSecond.median),
        met: cachedPerSecond.median >= target.cachedPerSecond,
      },
      {
        ...{
          what: "a question about a customer that nobody asked before, p99",
          target: `≤ ${target.missP99Ms} ms`,
        },
        measured: `${figure(missByCustomer.p99Ms)} ms`,
        met: missByCustomer.p99Ms <= target.missP99Ms,
      },
    ],
    tables: [
      {
        title: "Latency of the door in milliseconds, one question after the other",
        columns: ["", "p50", "p95", "p99", "in plain reads", "requests to DynamoDB", "measured"],
        rows: [
          latencyRow("asked by license", missByLicense, plainRead, figures.requestsByLicense),
          latencyRow("asked by customer", missByCustomer, plainRead, figures.requestsByCustomer),
          latencyRow("plain read of one item, consistent", plainRead, plainRead, 1),
        ],
      },
      {
        title: "The client: median of the rounds (least to most)",
        columns: ["", "per second"],
        rows: [
          [
            "answers from what it keeps",
            `${whole(cachedPerSecond.median)} (${whole(cachedPerSecond.least)} to ${whole(cachedPerSecond.most)})`,
          ],
        ],
      },
    ],
    notes: [
      `${figures.customers} customers with one license each lie in DynamoDB Local. The door's own code (site, decision, store) runs in this process, without API Gateway and
Lambda before it; a plain read is a consistent GetItem of the same table by the same client. In each of ${figures.rounds} rounds all are measured after one another, so that the
machine's moods meet them all: how many plain reads a question takes is what to compare.`,
      `Kept answers are those of \`client.access\`, all customers in turn, each awaited before the next.`,
    ],
  };
}

export const access = makeSuite(
  "Access: may this customer use this?",
  figuresSchema,
  measureAccess,
  describe,
);

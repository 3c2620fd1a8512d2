import { figure } from "../statistics.ts";
import { makeSuite, type Report } from "../suite.ts";
import { type Figures, figuresSchema } from "./figures.ts";
import { measureBundles } from "./measure.ts";

const target = { bytes: 1_000_000, loadMs: 300 };
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

function describe({ rounds, functions }: Figures): Report {
  const largest = Math.max(...functions.map(({ bytes }) => bytes));
  const slowest = Math.max(...functions.map(({ loadMs }) => loadMs.median));
  return {
    targets: [
      {
        ...{ what: "the largest bundle", target: `≤ ${kilobytes(target.bytes)}` },
        ...{ measured: kilobytes(largest), met: largest <= target.bytes },
      },
      {
        ...{ what: "the slowest load of a module", target: `≤ ${target.loadMs} ms` },
        ...{ measured: `${figure(slowest)} ms`, met: slowest <= target.loadMs },
      },
    ],
    tables: [
      {
        title: "Functions as they are deployed",
        columns: ["", "bundle", "compressed", "load, median ms", "least", "most"],
        rows: functions.map(({ name, bytes, zippedBytes, loadMs }) => [
          name,
          kilobytes(bytes),
          kilobytes(zippedBytes),
          ...[loadMs.median, loadMs.least, loadMs.most].map(figure),
        ]),
      },
    ],
    notes: [
      `Each function is bundled and minified as SST does it, and loaded ${rounds} times in a new process of Node.js, one at a time: what a cold start adds to
the time that Lambda takes to have a process at all. Lambda gives a function of 1,769 MB one core and a smaller one a part of it, so a small
function's load takes longer there.`,
    ],
  };
}

export const bundle = makeSuite("Bundles: what Lambda loads", figuresSchema, measureBundles, describe);

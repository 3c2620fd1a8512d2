import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import * as z from "zod";
import { machineSchema } from "./machine.ts";
import type { Report, Suite, Table } from "./suite.ts";
import { suites } from "./suites.ts";

/** One suite's figures, and when and where they were measured. */
const measurementSchema = z.object({
  measuredAt: z.string(),
  machine: machineSchema,
  figures: z.unknown(),
});
export type Measurement = z.output<typeof measurementSchema>;
const documentSchema = z.record(z.string(), measurementSchema);
type Document = z.output<typeof documentSchema>;

const jsonFile = new URL("../../docs/benchmarks.json", import.meta.url);
const textFile = new URL("../../docs/benchmarks.md", import.meta.url);
const printWidth = 110;

/** Puts these measurements beside those of other suites, and writes both documents. */
export async function writeDocuments(measured: Document): Promise<void> {
  const all = { ...(await storedDocument()), ...measured };
  await writeFile(jsonFile, await format(JSON.stringify(all), { parser: "json", printWidth }));
  await writeFile(textFile, await renderMarkdown(heading, all));
}

/** Empty when there is none yet, or none that this version can read. */
async function storedDocument(): Promise<Document> {
  try {
    return documentSchema.parse(JSON.parse(await readFile(jsonFile, "utf8")));
  } catch {
    return {};
  }
}

const heading = `# Benchmarks

Written by \`npm run bench\`, figures also in [benchmarks.json](benchmarks.json). Targets are aims, no test asserts them: absolute figures
depend on the machine and on what else it does, ratios within one run much less. Queues and database are emulators on the same machine
as the code; AWS answers each request later, and takes many more of them at once.`;

/** The measurements as a person reads them. */
export const renderMarkdown = (introduction: string, measured: Document): Promise<string> => {
  const parts = Object.entries<Suite>(suites).flatMap(([name, suite]) => {
    const measurement = measured[name];
    if (measurement === undefined) return [];
    const report = suite.describe(measurement.figures);
    return report === undefined ? [] : [section(suite.title, measurement, report)];
  });
  return format([introduction, ...parts].join("\n\n"), { parser: "markdown", printWidth });
};

const section = (title: string, { measuredAt, machine }: Measurement, report: Report): string =>
  [
    `## ${title}`,
    `Measured on ${measuredAt.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, Node ` +
      `${machine.node}, Java ${machine.java}; load before the run ${machine.loadBefore}.`,
    markdownTable({
      title: "Targets",
      columns: ["", "target", "measured", ""],
      rows: report.targets.map(({ what, target, measured, met }) => [
        what,
        target,
        measured,
        met ? "met" : "not met",
      ]),
    }),
    ...report.tables.map(markdownTable),
    "### How to read this",
    ...report.notes.map((note) => note.replaceAll("\n", " ")),
  ].join("\n\n");

const markdownTable = ({ title, columns, rows }: Table): string => {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    `### ${title}\n`,
    line(columns),
    line(columns.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
};

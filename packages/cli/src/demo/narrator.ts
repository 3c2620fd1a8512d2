import { styleText } from "node:util";
import { describeLine } from "@tollhouse/local/log-line";
import Table from "cli-table3";

/** One line of the story's end: what a buyer used and what AWS Marketplace billed. */
export interface BillLine {
  readonly product: string;
  readonly dimension: string;
  readonly used: string;
  readonly billed: string;
  readonly equal: boolean;
  /** What was reported, event by event. */
  readonly amounts: readonly string[];
  /** What AWS Marketplace took, hour by hour. */
  readonly records: readonly { readonly hour: string; readonly quantity: string }[];
}

/** Tells the story, to people or to programs. */
export interface Narrator {
  chapter(title: string): void;
  note(text: string): void;
  /** Why that is so, for who has never sold on AWS Marketplace. */
  explain(text: string): void;
  /** A line of the log of a process. */
  trouble(who: string, line: string): void;
  failed(reason: string): void;
  /** How often what went wrong on purpose, and which functions were killed. */
  struck(faults: Readonly<Record<string, number>>, killed: Readonly<Record<string, number>>): void;
  bill(lines: readonly BillLine[], equal: boolean): void;
}

export const textNarrator = (): Narrator => ({
  chapter: (title) => write(`\n${styleText("bold", title)}`),
  note: (text) => write(`  ${text}`),
  explain: (text) => write(styleText("dim", `  ${text}`)),
  trouble(who, line) {
    for (const text of describeLine(who, line, process.stdout.columns)) write(`  ${text}`);
  },
  failed: (reason) => process.stderr.write(`${styleText("red", "The story broke off:")} ${reason}\n`),
  struck(faults, killed) {
    write(`\n${styleText("bold", "What struck on the way")}`);
    for (const [name, count] of Object.entries(faults)) write(`  ${String(count).padStart(3)} × ${name}`);
    for (const [name, count] of Object.entries(killed))
      write(`  ${String(count).padStart(3)} × the function ${name} was killed`);
  },
  bill(lines, equal) {
    const table = new Table({
      head: ["Product", "Dimension", "Used", "Billed", ""],
      style: { head: [], border: [] },
      colAligns: ["left", "left", "right", "right", "left"],
    });
    for (const line of lines)
      table.push([line.product, line.dimension, line.used, line.billed, line.equal ? "equal" : "DIFFERENT"]);
    write(`\n${table.toString()}`);
    write(`\n${styleText("bold", "Why each number is right")}`);
    for (const { product, dimension, used, billed, amounts, records } of lines) {
      write(`  ${product}, ${dimension}`);
      write(`    used    ${amounts.join(" + ")} = ${used}`);
      write(`    billed  ${records.map(hourly).join(" + ")} = ${billed}`);
    }
    write(styleText("dim", "  Every event was sent twice, and counted once, by its id."));
    write(
      styleText("dim", "  Each hour became one record, frozen before it was sent: a resend can add nothing."),
    );
    write(
      styleText(
        "dim",
        "  The last hour went out within the hour that AWS allows after the buyer has left.\n",
      ),
    );
    write(
      equal ? styleText("green", "Billed equals used.") : styleText("red", "Billed is not what was used."),
    );
  },
});

export const jsonNarrator = (): Narrator => {
  const line = (value: Record<string, unknown>) => write(JSON.stringify(value));
  return {
    chapter: (title) => line({ chapter: title }),
    note: (text) => line({ note: text }),
    explain: (text) => line({ explanation: text }),
    trouble: (who, text) => line({ trouble: text, who }),
    failed: (reason) => line({ failed: reason }),
    struck: (faults, killed) => line({ struck: faults, killed }),
    bill: (lines, equal) => line({ result: equal ? "billed-equals-used" : "different", lines }),
  };
};

const hourly = ({ hour, quantity }: BillLine["records"][number]): string =>
  `${quantity} (hour from ${hour.slice(11, 13)}:00)`;

const write = (text: string) => process.stdout.write(`${text}\n`);

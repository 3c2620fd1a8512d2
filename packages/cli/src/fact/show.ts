import { byTime, type Fact } from "@tollhouse/core/lifecycle/fact";
import type { Answer } from "../answer.ts";
import { leftOut } from "../collect.ts";
import { CommandError } from "../failure.ts";
import { harmlessText } from "../output/harmless.ts";
import { indented } from "../output/paragraph.ts";
import { absolute, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { factSentence, recordName } from "./fact-sentence.ts";
import { recordNamed } from "./record.ts";

interface ShownFacts {
  readonly record: string;
  readonly facts: readonly Fact[];
  readonly more: number;
}

/** @throws CommandError when the text names no record, or nothing is filed there */
export async function showFacts(
  { directory }: Pick<Source, "directory">,
  name: string,
  limit: number,
): Promise<Answer<ShownFacts>> {
  const key = recordNamed(name);
  const record = recordName(key);
  const all = (await directory.facts(key)).toSorted(byTime);
  if (all.length === 0)
    throw new CommandError(
      "not-found",
      `Nothing is filed under ${record}. \`tollhouse facts parked\` names records.`,
    );
  const facts = all.slice(0, limit);
  return {
    data: { record, facts, more: all.length - facts.length },
    text(data, view) {
      const left = leftOut({ more: data.more, moreIsAtLeast: false }, limit);
      const heading = `${data.record}: ${all.length === 1 ? "one fact" : `${all.length} facts`}`;
      return [
        view.paint.strong(heading),
        ...data.facts.flatMap((fact) => ["", ...factLines(fact, view)]),
        ...(left === "" ? [] : ["", left]),
      ].join("\n");
    },
  };
}

const factLines = (fact: Fact, { now, width, paint }: View): readonly string[] => [
  `${absolute(fact.at)}  ${paint.quiet(relative(fact.at, now))}`,
  ...indented(factSentence(fact), 2, width),
  ...(fact.kind === "notice" ? detailLines(fact.detail).map((line) => `    ${line}`) : []),
  ...indented(`fact ${fact.id}`, 2, width, paint.quiet),
];

/** JSON spread out for people; what is no JSON as it is. */
function detailLines(detail: string): readonly string[] {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2).split("\n").map(harmlessText);
  } catch {
    return [harmlessText(detail)];
  }
}

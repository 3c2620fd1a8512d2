import { claims } from "@tollhouse/core/lifecycle/buyer";
import { byTime, type Fact } from "@tollhouse/core/lifecycle/fact";
import { type Parked, parkedAs, parkedReasons } from "@tollhouse/core/lifecycle/store";
import type { Instant } from "@tollhouse/core/time/instant";
import type { Answer } from "../answer.ts";
import { collect, type Collected, leftOut } from "../collect.ts";
import { indented } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { recordName } from "./fact-sentence.ts";

interface ParkedLine {
  readonly why: Parked["why"];
  /** As `facts show` takes it. */
  readonly record: string;
  /** When the first of its facts happened. */
  readonly since?: Instant;
  readonly facts: number;
}

type ParkedData = Omit<Collected<unknown>, "items"> & { readonly parked: readonly ParkedLine[] };

export async function listParked(
  source: Pick<Source, "directory" | "store">,
  limit: number,
): Promise<Answer<ParkedData>> {
  const seen = new Set<string>();
  // A record is listed once, be it that several of its facts are.
  const isFirst = ({ why, home }: Parked): boolean => {
    const name = `${why} ${recordName(home)}`;
    return !seen.has(name) && seen.add(name).has(name);
  };
  const { items, ...left } = await collect(
    (count, after: string | undefined) => source.directory.parked(count, after),
    limit,
    isFirst,
  );
  const parked = await Promise.all(items.map((each) => lineOf(source, each)));
  return { data: { parked, ...left }, text: (data, view) => parkedText(data, limit, view) };
}

async function lineOf(source: Pick<Source, "directory" | "store">, parked: Parked): Promise<ParkedLine> {
  const facts = (await parkedFacts(source, parked)).toSorted(byTime);
  const line = { why: parked.why, record: recordName(parked.home), facts: facts.length };
  const since = facts[0]?.at;
  return since === undefined ? line : { ...line, since };
}

/** The facts of a record that are the reason why it is listed. */
async function parkedFacts(
  { directory, store }: Pick<Source, "directory" | "store">,
  { why, home }: Parked,
): Promise<readonly Fact[]> {
  if (home.kind === "buyer") {
    const { licenses, waiting } = await store.loadBuyer(home.id);
    const claimed = claims(licenses, waiting);
    return waiting.filter((fact) => !claimed.has(fact));
  }
  const facts = await directory.facts(home);
  return why === "detail-type-unknown" ? facts.filter((fact) => parkedAs.fact(fact) === why) : facts;
}

const remedies: Record<Parked["why"], string> = {
  "agreement-unknown":
    "Nothing at first: AWS names the license within minutes. After an hour, look for its License Updated in `tollhouse quarantine list` and in the dead-letter queue of the intake.",
  "license-awaited":
    "Nothing at first: AWS names the license within minutes. After an hour, look for its License Updated in `tollhouse quarantine list`. When the account has several licenses that nobody registered, nobody can tell which is meant: ask the buyer to come from AWS Marketplace once more.",
  "evidence-only":
    'Nothing while the buyer has not registered. When there are many of one product, its "generation" in tollhouse.config.ts may be the wrong one.',
  "detail-type-unknown":
    "Read it with `tollhouse facts show`. It changes nothing, and a newer version may know what it means.",
};

function parkedText({ parked, ...bounds }: ParkedData, limit: number, view: View): string {
  if (parked.length === 0) return "Nothing is parked: every fact belongs to a subscription.";
  const reasons = [...new Set(parked.map(({ why }) => why))];
  return [
    table(columnsOf(view), parked, view),
    ...[leftOut(bounds, limit)].filter(Boolean),
    ...reasons.flatMap((why) => [
      "",
      ...indented(`${why}: ${parkedReasons[why]}.`, 0, view.width, view.paint.strong),
      ...indented(remedies[why], 2, view.width),
    ]),
  ].join("\n");
}

const columnsOf = ({ now }: View): readonly Column<ParkedLine>[] => [
  { head: "RECORD", cell: ({ record }) => record },
  { head: "WHY", cell: ({ why }) => why },
  { head: "FACTS", cell: ({ facts }) => String(facts), align: "right" },
  { head: "SINCE", cell: ({ since }) => (since === undefined ? "" : relative(since, now)) },
  { head: "", cell: ({ since }) => (since === undefined ? "" : absolute(since)), leaveOut: 1 },
];

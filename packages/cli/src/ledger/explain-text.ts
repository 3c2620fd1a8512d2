import type { EventFate } from "@tollhouse/core/ledger/explained";
import { indented, nameValues } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import { absolute, both } from "../output/time.ts";
import type { Paint, View } from "../output/view.ts";
import type {
  EventShown,
  FoldShown,
  HourShown,
  RecordExplained,
  RecordShown,
  Step,
} from "./explained-shown.ts";

export function explainedText(data: RecordExplained, view: View): string {
  const { paint, width } = view;
  const { record, hours, fate, differences, namesHours } = data;
  return [
    ...recordLines(record, view),
    "",
    ...indented(sumSentence(record, hours), 0, width, paint.strong),
    ...(namesHours
      ? []
      : indented(
          "It was sealed before records kept whose hours' units they hold; its own is looked at.",
          0,
          width,
          paint.warn,
        )),
    ...hours.flatMap((hour) => ["", ...hourLines(hour, view)]),
    "",
    ...(differences.length === 0
      ? hours.some(({ isExpired }) => !isExpired)
        ? [paint.good("It adds up.")]
        : []
      : [
          paint.warn("It does not add up."),
          ...differences.flatMap((each) => indented(`· ${each}`, 2, width)),
        ]),
    "",
    paint.strong("What became of it"),
    ...indented(fate.sentence, 0, width),
    ...stepLines("What to do", fate.steps, view),
    ...stepLines("Should the quantity itself be wrong", fate.whenWrong, view),
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd();
}

function recordLines(
  { name, productCode, entry, deadlineAt, attempts, outcome, dimension }: RecordShown,
  view: View,
): readonly string[] {
  const { paint, width, now } = view;
  const { identity, allocations } = entry;
  const receipt = "meteringRecordId" in outcome ? outcome.meteringRecordId : undefined;
  return [
    `${paint.strong(name)}  ${(outcome.state === "accepted" ? paint.good : paint.warn)(outcome.state)}`,
    ...nameValues(
      [
        ["product", productCode],
        ["sent as", `${entry.quantity} ${dimension} at ${absolute(entry.timestampAt)}, to ${entry.region}`],
        ...(identity.by === "license"
          ? ([
              ["license", identity.licenseArn],
              ["buyer", identity.buyerAccountId],
            ] as const)
          : ([
              ["customer", identity.customerIdentifier],
              ["product code", identity.productCode],
            ] as const)),
        ["tags", allocations.map(({ tags, units }) => `${units} ${tagWords(tags)}`).join("; ")],
        ["deadline", both(deadlineAt, now)],
        ["attempts", String(attempts)],
        ["outcome", "at" in outcome ? `${outcome.state} at ${both(outcome.at, now)}` : outcome.state],
        ["AWS's receipt", receipt],
      ],
      width,
    ),
  ];
}

const tagWords = (tags: EventShown["tags"]): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ") || "untagged";

function sumSentence({ entry }: RecordShown, hours: readonly HourShown[]): string {
  if (hours.length === 0) return "It says that nothing was used in its hour.";
  const parts = hours.map(({ units, hour }) => `${units} of ${hour}`);
  return `${entry.quantity} = ${parts.join(" + ").replaceAll("+ -", "- ")}`;
}

function hourLines(hour: HourShown, view: View): readonly string[] {
  const { paint, width } = view;
  if (hour.isExpired)
    return [
      paint.strong(hour.hour),
      ...indented(
        "Usage is kept for 45 days: what was counted in this hour is gone, and only the books are left.",
        2,
        width,
        paint.quiet,
      ),
    ];
  return [
    paint.strong(hour.hour),
    ...flowsOf(hour).flatMap((flow) => indented(flow, 2, width)),
    ...hour.folds.flatMap((fold) => foldLines(fold, view)),
  ];
}

const moveWords = {
  taken: "went into",
  left: "were left here, a fraction, by",
  "given-back": "were given back by",
} as const;

/** Where the hour's units came from and went, one a line. */
function flowsOf({ units, folds, moves, held, leftOut, missing }: HourShown): readonly string[] {
  const later = folds.map((fold) => fold.later).filter((one) => one !== "0");
  return [
    units.startsWith("-")
      ? `→ ${units.slice(1)} left here by this record: a fraction that made no whole unit`
      : `→ ${units} in this record`,
    ...folds
      .filter((fold) => fold.units !== "0")
      .map(
        (fold) =>
          `+ ${fold.units} counted by the fold ${fold.plan}${fold.movedFrom === undefined ? "" : `, for ${fold.movedFrom}, which turned out to be this subscription's`}`,
      ),
    ...later.map(
      (one) => `+ ${one} waited for somebody whom they could be counted for, and were counted later`,
    ),
    ...moves.map(
      ({ how, hour, units: moved, outcome }) =>
        `${how === "taken" ? "−" : "+"} ${moved.replace("-", "")} ${moveWords[how]} the record of ${hour} (${outcome})`,
    ),
    ...(held === "0" ? [] : [`− ${held} still in the balance`]),
    ...(leftOut === "0"
      ? []
      : [`− ${leftOut} covered by the contract or written off: see \`tollhouse ledger show\``]),
    ...(missing === "0" ? [] : [`+ ${missing} that nobody can say how they came in`]),
  ];
}

function foldLines({ plan, shard, events, moreEvents }: FoldShown, view: View): readonly string[] {
  const { paint, width } = view;
  const segments = [...Map.groupBy(events, ({ segment }) => segment)];
  return [
    ...segments.flatMap(([segment, members]) => [
      "",
      ...indented(`fold ${plan}, shard ${shard ?? "unknown"}, segment`, 2, width, paint.quiet),
      ...indented(segment, 2, width, paint.quiet),
      ...table(eventColumns(paint), members, { ...view, width: width - 2 })
        .split("\n")
        .map((line) => `  ${line}`.trimEnd()),
    ]),
    ...(moreEvents === 0
      ? []
      : [`  and ${moreEvents} more events of this fold: --limit ${events.length + moreEvents} shows them`]),
  ];
}

const fateWords: Readonly<Record<EventFate, string>> = {
  counted: "counted",
  later: "waited, counted later",
  waits: "waits",
  repeat: "repeat",
  "other-content": "copy that differs",
};

const eventColumns = (paint: Paint): readonly Column<EventShown>[] => [
  { head: "EVENT", cell: ({ source, id }) => `${source} ${id}`, least: 16 },
  { head: "USED", cell: ({ at }) => absolute(at), leaveOut: 3 },
  { head: "UNITS", cell: ({ quantity }) => quantity, align: "right" },
  {
    head: "",
    cell: ({ fate }) => fateWords[fate],
    paint: (text, { fate }) => (fate === "counted" || fate === "later" ? text : paint.quiet(text)),
  },
  { head: "SUBJECT", cell: ({ subject }) => subject, leaveOut: 1 },
  {
    head: "TAGS",
    cell: ({ tags }) => (Object.keys(tags).length === 0 ? "" : tagWords(tags)),
    least: 8,
    leaveOut: 2,
  },
];

/** Commands stand whole on a line of their own, so that they can be copied. */
function stepLines(title: string, steps: readonly Step[], view: View): readonly string[] {
  if (steps.length === 0) return [];
  const { paint, width } = view;
  return [
    "",
    paint.strong(title),
    ...steps.flatMap(({ sentence, commands, event }) => [
      ...indented(`· ${sentence}`, 0, width),
      ...(event === undefined ? [] : ["", event, ""]),
      ...commands.flatMap((each) => [
        "",
        ...indented(`${each.title}:`, 2, width, paint.quiet),
        each.command,
        "",
      ]),
    ]),
  ];
}

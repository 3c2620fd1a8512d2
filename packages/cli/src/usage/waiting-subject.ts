import type { Settings } from "@tollhouse/core/configuration/configuration";
import type { WaitingReason } from "@tollhouse/core/metering/attribute";
import type { WaitingUsage } from "@tollhouse/core/metering/store";
import { formatQuantity, total } from "@tollhouse/core/quantity/micro-units";
import { dayMs, type Instant, instant, laterBy } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import { type Column, table } from "../output/table.ts";
import { absolute, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";

/** All that was read of what waits under one subject. */
export interface WaitingSubject {
  readonly subject: string;
  readonly reasons: readonly WaitingReason[];
  /** An exact decimal. */
  readonly units: string;
  readonly events: number;
  /** Those it was used in, oldest first. */
  readonly hours: readonly string[];
  /** When the first of it came to wait. */
  readonly since: Instant;
  /** When the first of it is given up. */
  readonly givenUpAt: Instant;
}

/** The longest waiting first. */
export function waitingSubjects(
  pieces: readonly WaitingUsage[],
  { acceptUsageDays }: Pick<Settings, "acceptUsageDays">,
): readonly WaitingSubject[] {
  return [...Map.groupBy(pieces, ({ subject }) => subject)]
    .map(([subject, all]) => {
      const since = instant(Math.min(...all.map((piece) => piece.since)));
      return {
        subject,
        reasons: [...new Set(all.map(({ reason }) => reason))],
        units: formatQuantity(total(all.map(({ units }) => units))),
        events: all.reduce((sum, { events }) => sum + events.eventCount, 0),
        hours: [...new Set(all.map(({ events }) => formatHour(events.hour)))].toSorted(),
        since,
        givenUpAt: laterBy(since, acceptUsageDays * dayMs),
      };
    })
    .toSorted((a, b) => a.since - b.since);
}

export const waitingTable = (subjects: readonly WaitingSubject[], view: View): string =>
  table(columnsOf(view), subjects, view);

const columnsOf = ({ now, paint }: View): readonly Column<WaitingSubject>[] => [
  { head: "SUBJECT", cell: ({ subject }) => subject },
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
  { head: "EVENTS", cell: ({ events }) => String(events), align: "right", leaveOut: 2 },
  { head: "WHY", cell: ({ reasons }) => reasons.join(", "), least: 21 },
  { head: "HOURS", cell: ({ hours }) => hoursPhrase(hours), leaveOut: 3 },
  { head: "SINCE", cell: ({ since }) => relative(since, now), leaveOut: 1 },
  { head: "", cell: ({ since }) => absolute(since), leaveOut: 4 },
  {
    head: "GIVEN UP",
    cell: ({ givenUpAt }) => relative(givenUpAt, now),
    paint: (text, { givenUpAt }) => (givenUpAt - now < soonDays * dayMs ? paint.warn(text) : text),
  },
  { head: "", cell: ({ givenUpAt }) => absolute(givenUpAt), leaveOut: 4 },
];

/** Given up within so many days: high time to look at it. */
const soonDays = 3;

const hoursPhrase = (hours: readonly string[]): string =>
  hours.length <= 1 ? (hours[0] ?? "") : `${hours.length}, from ${hours[0] ?? ""}`;

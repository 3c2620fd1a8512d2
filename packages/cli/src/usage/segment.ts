import { licenseIdOf } from "@tollhouse/core/lifecycle/license";
import { add, formatQuantity, type MicroUnits, zeroUnits } from "@tollhouse/core/quantity/micro-units";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import {
  type Segment,
  SegmentDamagedError,
  segmentHeader,
  segmentKey,
  unpackSegment,
} from "@tollhouse/core/usage/segment";
import { cloudEventOf, type UsageEvent } from "@tollhouse/core/usage/usage-event";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented, nameValues } from "../output/paragraph.ts";
import { type Column, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import type { MeteringSource } from "../source.ts";
import { eventLines } from "./event-line.ts";
import type { SegmentName } from "./segment-name.ts";

interface Total {
  readonly subject: string;
  readonly dimension: string;
  readonly events: number;
  /** An exact decimal. */
  readonly units: string;
}

interface ShownSegment {
  readonly key: string;
  readonly hour: string;
  readonly shard: number;
  readonly id: string;
  /** Absent when the segment is too short to say. */
  readonly formatVersion?: number;
  readonly checksumFits: boolean;
  readonly bytes: number;
  /** As it is noted beside the packed events. */
  readonly eventCount: number;
  /** Why it cannot be read. */
  readonly damage?: string;
  readonly totals: readonly Total[];
}

interface Shown {
  readonly segment: ShownSegment;
  /** CloudEvents; only when they were asked for. */
  readonly events?: readonly object[];
}

/** @throws CommandError when it is not there */
export async function showSegment(
  { usageLog }: { readonly usageLog: Pick<MeteringSource["usageLog"], "segment"> },
  { place, id }: SegmentName,
  { withEvents, limit }: { readonly withEvents: boolean; readonly limit: number },
): Promise<Answer<Shown>> {
  const segment = await usageLog.segment(place, id);
  if (segment === undefined)
    throw new CommandError(
      "not-found",
      `There is no segment ${segmentKey({ ...place, id })}, or not any more: they go with their hour. \`tollhouse usage tail --once --json\` names some.`,
    );
  const read = readEvents(segment);
  const events = "damage" in read ? [] : read.events;
  const { formatVersion, checksumFits } = segmentHeader(segment);
  const shown: ShownSegment = {
    key: segmentKey(segment),
    hour: formatHour(place.hour),
    shard: place.shard,
    id,
    ...(formatVersion !== undefined && { formatVersion }),
    checksumFits,
    bytes: segment.bytes.length,
    eventCount: segment.eventCount,
    ...("damage" in read && { damage: read.damage }),
    totals: totalsOf(events),
  };
  return {
    data: { segment: shown, ...(withEvents && { events: events.map(cloudEventOf) }) },
    isWrong: "damage" in read,
    text: (data, view) =>
      [
        ...headLines(data.segment, view),
        ...totalLines(data.segment, limit, view),
        ...(withEvents && events.length > 0 ? ["", ...eventLines(view.width)(events)] : []),
      ].join("\n"),
  };
}

function readEvents(
  segment: Segment,
): { readonly events: readonly UsageEvent[] } | { readonly damage: string } {
  try {
    const events = unpackSegment(segment);
    return events.length === segment.eventCount
      ? { events }
      : { damage: `It holds ${events.length} events, and ${segment.eventCount} are noted beside it.` };
  } catch (error) {
    if (error instanceof SegmentDamagedError) return { damage: error.message };
    throw error;
  }
}

/** The largest number of events first, so that what a segment is mostly of stands on top. */
function totalsOf(events: readonly UsageEvent[]): readonly Total[] {
  const totals = new Map<string, { subject: string; dimension: string; events: number; sum: MicroUnits }>();
  for (const { subject, dimension, quantity } of events) {
    const name = JSON.stringify([subject, dimension]);
    const known = totals.get(name) ?? { subject, dimension, events: 0, sum: zeroUnits };
    totals.set(name, { ...known, events: known.events + 1, sum: add(known.sum, quantity) });
  }
  return [...totals.values()]
    .toSorted((a, b) => b.events - a.events)
    .map(({ sum, ...rest }) => ({ ...rest, units: formatQuantity(sum) }));
}

function headLines(segment: ShownSegment, { paint, width }: View): readonly string[] {
  const { key, hour, shard, id, formatVersion, checksumFits, bytes, eventCount, damage } = segment;
  return [
    paint.strong(key),
    ...nameValues(
      [
        ["hour", hour],
        ["shard", String(shard)],
        ["id", id],
        ["format", formatVersion === undefined ? "none" : `version ${formatVersion}`],
        ["checksum", checksumFits ? "fits" : "does not fit"],
        ["size", `${bytes} bytes`],
        ["events", String(eventCount)],
      ],
      width,
    ),
    ...(damage === undefined ? [] : ["", ...indented(damage, 0, width, paint.warn)]),
  ];
}

function totalLines({ totals }: ShownSegment, limit: number, view: View): readonly string[] {
  if (totals.length === 0) return [];
  const more = totals.length - limit;
  return [
    "",
    table(totalColumns, totals.slice(0, limit), view),
    ...(more > 0 ? [`and ${more} more: --limit ${limit * 2} shows more of them`] : []),
  ];
}

const totalColumns: readonly Column<Total>[] = [
  { head: "SUBJECT", cell: ({ subject }) => licenseIdOf(subject) ?? subject },
  { head: "DIMENSION", cell: ({ dimension }) => dimension },
  { head: "EVENTS", cell: ({ events }) => String(events), align: "right" },
  { head: "UNITS", cell: ({ units }) => units, align: "right" },
];

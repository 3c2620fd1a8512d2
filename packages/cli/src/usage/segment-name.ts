import { parseHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import { CommandError } from "../failure.ts";

/** `2026-08-20T14/3/<id>`; or as DynamoDB has it, partition and sort key with anything between them. */
const name = /^(?:USAGE#)?(\d{4}-\d\d-\d\dT\d\d)[/#](\d{1,4})[/#\s|]+(?:SEGMENT#)?(\S+)$/;

export interface SegmentName {
  readonly place: HourShard;
  readonly id: string;
}

/** @throws CommandError when a text names no segment */
export function segmentNamed(text: string): SegmentName {
  const [, hourText = "", shard = "", id = ""] = name.exec(text.trim()) ?? [];
  const hour = parseHour(hourText);
  if (hour === undefined)
    throw new CommandError(
      "wrong-usage",
      `"${text}" names no segment: write <hour>/<shard>/<id>, e.g. 2026-08-20T14/3/5f0c7c5e-6f6f-5c41-9a8e-2f0a1b2c3d4e-0, as \`tollhouse usage tail --json\` does.`,
    );
  return { place: { hour, shard: Number(shard) }, id };
}

import type { QuarantineLine } from "@tollhouse/core/quarantine/quarantine";
import type { Answer } from "../answer.ts";
import { collect, type Collected, leftOut } from "../collect.ts";
import { indented } from "../output/paragraph.ts";
import { absolute, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";

type Listed = Omit<Collected<unknown>, "items"> & { readonly quarantined: readonly QuarantineLine[] };

export async function listQuarantine(
  { quarantine, clock }: Pick<Source, "quarantine" | "clock">,
  { door, limit }: { readonly door?: QuarantineLine["door"] | undefined; readonly limit: number },
): Promise<Answer<Listed>> {
  const until = await clock.now();
  const { items, ...left } = await collect(
    async (count, after: QuarantineLine | undefined) => {
      const page = await quarantine.list(until, count, after);
      return { items: page, next: page.length < count ? undefined : page.at(-1) };
    },
    limit,
    (line) => door === undefined || line.door === door,
  );
  return {
    data: { quarantined: items, ...left },
    text({ quarantined, ...bounds }, view) {
      if (quarantined.length === 0) return "The quarantine is empty: every message could be used.";
      return [
        quarantined.map((line) => lineText(line, view)).join("\n\n"),
        ...[leftOut(bounds, limit)].filter(Boolean).map((text) => `\n${text}`),
      ].join("\n");
    },
  };
}

/** A reason is a sentence, which no column could hold. */
const lineText = ({ id, quarantinedAt, reason }: QuarantineLine, { now, width, paint }: View): string =>
  [
    `${paint.strong(id)}  ${absolute(quarantinedAt)}  ${paint.quiet(relative(quarantinedAt, now))}`,
    ...indented(reason, 2, width),
  ].join("\n");

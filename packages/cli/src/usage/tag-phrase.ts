import type { TagSet } from "@tollhouse/core/usage/usage-event";
import * as z from "zod";

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** `team=growth, region=eu`; empty when untagged. A text that holds no tags, which a damaged item may, is shown as it is. */
export function tagPhrase(tagSet: TagSet): string {
  const tags = tagsOf(tagSet);
  return tags === undefined
    ? tagSet
    : Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(", ");
}

/** The tags as programs get them. */
export function tagsOf(tagSet: TagSet): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(pairs.parse(JSON.parse(tagSet)));
  } catch {
    return undefined;
  }
}

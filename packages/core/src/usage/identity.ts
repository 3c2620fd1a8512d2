import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { UsageEvent } from "./usage-event.ts";

/** Characters of an identity, one byte each. */
export const identityLength = 16;

/**
 * 128 bits that name the event: its source, id and subject. A repeat has the same identity whatever its time says. Given as a
 * text of one byte a character, the smallest key that a set of millions of them can have.
 */
export function usageIdentity({ source, id, subject }: UsageEvent): string {
  const digest = hash("sha256", JSON.stringify([source, id, subject]), "binary");
  const bytes: number[] = [];
  for (let place = 0; place < identityLength; place += 1) bytes.push(digest.charCodeAt(place));
  // Not a slice: V8 would keep the whole digest behind it, 80 bytes of memory where 32 do.
  return String.fromCharCode(...bytes);
}

/** What an event says, in one text by which copies are compared and sorted. A tag set is JSON, which holds no line's end. */
export const contentOf = ({ at, dimension, quantity, tagSet }: UsageEvent): string =>
  `${at}\n${quantity}\n${tagSet}\n${dimension}`;

/** 32 bits by which a copy that says something else is noticed. */
export const contentCheck = (event: UsageEvent): number => crc32(contentOf(event));

/** A bounded part of a list. */
export interface Collected<Item> {
  readonly items: readonly Item[];
  /** How many more there are. */
  readonly more: number;
  /** Nobody counted further than this. */
  readonly moreIsAtLeast: boolean;
}

const pageSize = 100;
const countedAtMost = 1_000;

/** One page, and where the next one begins. */
interface Page<Item, Place> {
  readonly items: readonly Item[];
  readonly next?: Place | undefined;
}

/** The first `limit` that match, page by page, and how many more there are, up to a bound. */
export async function collect<Item, Place>(
  read: (limit: number, after: Place | undefined) => Promise<Page<Item, Place>>,
  limit: number,
  matches: (item: Item) => boolean = () => true,
): Promise<Collected<Item>> {
  const items: Item[] = [];
  let more = 0;
  let after: Place | undefined;
  do {
    const page = await read(pageSize, after);
    for (const item of page.items.filter(matches)) {
      if (items.length < limit) items.push(item);
      else more += 1;
    }
    after = page.next;
  } while (after !== undefined && more < countedAtMost);
  return { items, more: Math.min(more, countedAtMost), moreIsAtLeast: after !== undefined };
}

/** What is left out, in words; empty when nothing is. */
export function leftOut({ more, moreIsAtLeast }: Omit<Collected<unknown>, "items">, limit: number): string {
  if (more === 0) return "";
  return `and ${moreIsAtLeast ? "at least " : ""}${more} more: --limit ${limit * 2} shows more of them`;
}

import { post } from "./book.ts";
import type { BookPosting, BookStore, FoldPlan, FoldStore, WaitingStore } from "./store.ts";

export interface CarryPorts {
  readonly folds: FoldStore;
  readonly books: Pick<BookStore, "load" | "post">;
  readonly waiting: Pick<WaitingStore, "put">;
}

/** Books posted to at once, and tries for one of them while others post to it too. */
const postingsAtOnce = 25;
const maxTries = 10;

/** Books all postings of a plan. Each is booked once, however often this is repeated and by however many at once. */
export async function carryOut({ books, waiting }: CarryPorts, plan: FoldPlan): Promise<void> {
  for (let start = 0; start < plan.postings.length; start += postingsAtOnce) {
    const together = plan.postings.slice(start, start + postingsAtOnce);
    await Promise.all(
      together.map((posting) =>
        "waiting" in posting ? waiting.put(posting.waiting) : bookOnce(books, posting, plan.id),
      ),
    );
  }
}

async function bookOnce(books: CarryPorts["books"], posting: BookPosting, planId: string): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const after = post(await books.load(posting.book), posting.hour, posting.amounts);
    if ((await books.post(after, posting, planId)) !== "conflict") return;
  }
  throw new Error(
    `A book of dimension ${posting.book.dimension} changed ${maxTries} times while it was posted to. The next run goes on.`,
  );
}

/** Holds the last `most` of what is added, by an order, and little more than that at any time. */
export class Newest<Item> {
  private items: Item[] = [];
  private count = 0;
  private readonly most: number;
  private readonly order: (a: Item, b: Item) => number;

  constructor(most: number, order: (a: Item, b: Item) => number) {
    this.most = most;
    this.order = order;
  }

  add(item: Item): void {
    this.count += 1;
    this.items.push(item);
    if (this.items.length >= 2 * this.most + 1_000) this.items = [...this.sorted()];
  }

  /** Oldest first. */
  sorted(): readonly Item[] {
    return this.items.toSorted(this.order).slice(-this.most);
  }

  get leftOut(): number {
    return Math.max(0, this.count - this.most);
  }
}

/** Does work of the same name one after the other, in the order in which it came, and work of different names side by side. */
export class InTurn {
  /** The last of each name that is under way; it goes when it is done, so that there are no more than calls under way. */
  private readonly last = new Map<string, Promise<unknown>>();

  get names(): number {
    return this.last.size;
  }

  run<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.last.get(name);
    const done = before === undefined ? work() : before.then(work, work);
    this.last.set(name, done);
    const forget = () => {
      if (this.last.get(name) === done) this.last.delete(name);
    };
    // The caller hears of what goes wrong.
    void done.then(forget, forget);
    return done;
  }
}

/** Numbers that look random and are the same for the same seed and stream on every machine. */
export class Random {
  private state: number;

  constructor(seed: number, stream = 0) {
    this.state = scramble(scramble(seed) ^ Math.imul(stream + 1, 0x9e3779b1));
  }

  /** 0 to 2³² − 1 (mulberry32). */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor((this.bits() / 2 ** 32) * count);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(share: number): boolean {
    return this.bits() / 2 ** 32 < share;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }

  /** One of them, if there is any. */
  oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[this.below(values.length)];
  }

  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let drawn = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    const found = entries.find(([, weight]) => (drawn -= weight) < 0);
    if (found === undefined) throw new RangeError("no weights to draw by");
    return found[0];
  }

  shuffled<Value>(values: readonly Value[]): Value[] {
    return values
      .map((value) => ({ value, place: this.bits() }))
      .sort((a, b) => a.place - b.place)
      .map(({ value }) => value);
  }
}

/** Neighbouring seeds must not give neighbouring numbers. */
function scramble(seed: number): number {
  let mixed = seed | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

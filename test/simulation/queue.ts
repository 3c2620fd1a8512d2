import type { Random } from "./random.ts";

export interface Message {
  readonly id: string;
  readonly body: string;
}

interface Held extends Message {
  visibleAt: number;
  receives: number;
}

/** A standard queue of SQS, as far as it matters: at least once, in no order, hidden for a while when received. */
export class Queue {
  readonly name: string;
  private readonly visibilityMs: number;
  private readonly maxReceives: number;
  private readonly held = new Map<string, Held>();
  private dead: Held[] = [];
  private sent = 0;

  constructor(name: string, { visibilitySeconds = 270, maxReceives = 5 } = {}) {
    this.name = name;
    this.visibilityMs = visibilitySeconds * 1_000;
    this.maxReceives = maxReceives;
  }

  /** Messages that may still be delivered, and those in the dead-letter queue. */
  get size(): number {
    return this.held.size + this.dead.length;
  }

  send(body: string, visibleAt: number): void {
    const id = `${this.name}-${(this.sent += 1)}`;
    this.held.set(id, { id, body, visibleAt, receives: 0 });
  }

  /** @param slips how likely a message stays visible although it was received, as SQS does not rule out */
  receive(now: number, limit: number, random: Random, slips: number): readonly Message[] {
    const visible = [...this.held.values()].filter((message) => message.visibleAt <= now);
    const received = random.shuffled(visible).slice(0, limit);
    return received.flatMap((message) => {
      message.receives += 1;
      if (message.receives > this.maxReceives) {
        this.held.delete(message.id);
        this.dead.push(message);
        return [];
      }
      if (!random.chance(slips)) message.visibleAt = now + this.visibilityMs;
      return [{ id: message.id, body: message.body }];
    });
  }

  delete(id: string): Promise<void> {
    this.held.delete(id);
    return Promise.resolve();
  }

  /** What an operator does once the trouble is over; everything in flight is given up as well. */
  redrive(): void {
    for (const message of [...this.dead, ...this.held.values()])
      this.held.set(message.id, { ...message, visibleAt: 0, receives: 0 });
    this.dead = [];
  }
}

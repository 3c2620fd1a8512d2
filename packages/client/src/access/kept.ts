import type { AccessAnswer } from "./answer.ts";

/** An answer, and when it was asked for. */
export interface Known {
  readonly answer: AccessAnswer;
  readonly askedAtMs: number;
  /** So long after it was asked for it may be over; infinite when it names no end. */
  readonly holdsForMs: number;
  /** When the service was found away, and how. */
  readonly away?: { readonly atMs: number; readonly error: string } | undefined;
}

/** The latest answers by question; those asked longest ago go first. */
export class Kept {
  private readonly answers = new Map<string, Known>();
  private readonly maxEntries: number;
  /** Rises when something is forgotten: what was asked before then is not to be kept. */
  epoch = 0;

  constructor(maxEntries: number) {
    this.maxEntries = maxEntries;
  }

  get(key: string): Known | undefined {
    return this.answers.get(key);
  }

  set(key: string, known: Known): void {
    this.answers.delete(key);
    this.answers.set(key, known);
    const [oldest] = this.answers.keys();
    if (this.answers.size > this.maxEntries && oldest !== undefined) this.answers.delete(oldest);
  }

  delete(key: string): void {
    this.answers.delete(key);
  }

  /** Forgets every answer that was asked by this name, or tells about it. */
  forget(name: string): void {
    this.epoch += 1;
    const license = /(l(?:ic)?-[0-9a-zA-Z]+)$/.exec(name)?.[1];
    for (const [key, { answer }] of this.answers)
      if (tellsAbout(answer, name) || (license !== undefined && tellsAbout(answer, license)))
        this.answers.delete(key);
  }
}

const tellsAbout = ({ subject, products }: AccessAnswer, name: string): boolean =>
  subject === name ||
  subject.endsWith(`:${name}`) ||
  products.some(({ subscriptions }) =>
    subscriptions.some(({ subscriptionId, customerId }) => subscriptionId === name || customerId === name),
  );

import type { Random } from "./random.ts";
import { shortly } from "./text.ts";

/** What becomes of a call to a store, a queue or AWS. */
export type Fate =
  | "done"
  | "fails-before"
  /** The effect is there, the answer is not. */
  | "fails-after"
  /** The caller is told of a failure now, and the effect comes later. */
  | "fails-late"
  /** Of several items some are written, then it fails. */
  | "fails-midway"
  /** An index answers without what was written of late. */
  | "lags";

/** How a port's function behaves besides what the memory twin does. */
export interface Shape {
  /** The same effect in parts, each of which may happen without the others. */
  readonly parts?: ((given: readonly never[]) => readonly (readonly unknown[])[]) | undefined;
  /** An answer of an index, as it was a moment ago. */
  readonly lag?: ((answer: never, random: Random) => unknown) | undefined;
  /** What the caller is given instead of an error. */
  readonly failure?: ((given: readonly never[], effect: "none" | "unknown") => unknown) | undefined;
}

interface Call {
  readonly worker: Worker;
  readonly name: string;
  /** When it was asked for, among all that was ever asked for and done. */
  readonly order: number;
  readonly given: readonly unknown[];
  readonly shape: Shape;
  readonly act: (given: readonly unknown[]) => Promise<unknown>;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** One invocation of a function: it ends by returning, by throwing, or never. */
export interface Worker {
  readonly name: string;
  readonly startedAt: number;
  /** What it does; workers of a kind differ by their number. */
  readonly kind: string;
  /** Calls that it waits for; several where it asked for several at once. */
  readonly calls: Call[];
  gone: boolean;
}

/** One effect, as it was seen. */
export interface Effect {
  readonly name: string;
  readonly given: readonly unknown[];
  readonly answer: unknown;
  readonly worker: Worker;
  /** Its own place and that of the call which asked for it, among all that was ever asked for and done. */
  readonly order: number;
  readonly askedOrder: number;
}

/** Told of every effect. */
export type Observer = (effect: Effect) => void;

/** Injected: a store or a service that could not be reached. */
export class OutageError extends Error {
  readonly retryable = true;
}

/** Runs workers step by step: nothing that they ask the outside for happens before it is their turn. */
export class Scheduler {
  readonly workers: Worker[] = [];
  /** Calls whose worker is gone or was told of a failure; they may still have their effect. */
  private readonly late: Call[] = [];
  private started = 0;
  private order = 0;
  private readonly observe: Observer;
  private readonly log: (line: string) => void;
  private readonly onError: (worker: Worker, error: unknown) => void;
  private readonly count: (what: string) => void;

  constructor(
    observe: Observer,
    log: (line: string) => void,
    onError: (worker: Worker, error: unknown) => void,
    count: (what: string) => void,
  ) {
    this.observe = observe;
    this.log = log;
    this.onError = onError;
    this.count = count;
  }

  async start(kind: string, now: number, work: (worker: Worker) => Promise<unknown>): Promise<void> {
    const name = `${kind}-${(this.started += 1)}`;
    const worker: Worker = { name, kind, startedAt: now, calls: [], gone: false };
    this.workers.push(worker);
    this.log(`${name} begins`);
    void work(worker).then(
      (answer) => this.end(worker, `returns ${shortly(answer)}`),
      (error: unknown) => {
        this.end(worker, `throws ${error instanceof Error ? error.message : String(error)}`);
        this.onError(worker, error);
      },
    );
    await settled();
  }

  /** The port as this worker sees it: every call waits until it is chosen. */
  reach<Port extends object>(
    worker: Worker,
    name: string,
    port: Port,
    shapes: Partial<Record<keyof Port, Shape>> = {},
  ): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        const shape = shapes[property as keyof Port] ?? {};
        const act = (given: readonly unknown[]) => Reflect.apply(value, target, given) as Promise<unknown>;
        return (...given: unknown[]) => {
          const answered = new Promise((answer, fail) => {
            // Whoever is gone asks for nothing any more.
            if (worker.gone) return;
            worker.calls.push({
              worker,
              name: `${name}.${String(property)}`,
              order: (this.order += 1),
              given,
              shape,
              act,
              answer,
              fail,
            });
          });
          // A failure that nobody waits for ends no process of ours; what came of it, the auditor sees.
          answered.catch(() => undefined);
          return answered;
        };
      },
    });
  }

  get waiting(): readonly Call[] {
    return this.workers.flatMap(({ calls }) => calls);
  }

  /** Lets a call have its fate; one that does not fit its kind is `done`. */
  async perform(call: Call, wanted: Fate, random: Random): Promise<void> {
    const { worker, shape } = call;
    worker.calls.splice(worker.calls.indexOf(call), 1);
    const fate = fits(wanted, shape) ? wanted : "done";
    if (fate !== "done") {
      this.log(`${worker.name} ${call.name} ${fate}`);
      this.count(`fault: a call ${fate}`);
    }
    const failed = (effect: "none" | "unknown") => {
      const answer = shape.failure?.(call.given as readonly never[], effect);
      if (answer !== undefined && random.chance(0.7)) call.answer(answer);
      else call.fail(new OutageError(`${call.name} could not be reached`));
    };
    switch (fate) {
      case "done":
        call.answer(await this.act(call, random));
        break;
      case "lags":
        call.answer(shape.lag?.((await this.act(call, random)) as never, random));
        break;
      case "fails-before":
        failed(random.chance(0.5) ? "none" : "unknown");
        break;
      case "fails-after":
        await this.act(call, random);
        failed("unknown");
        break;
      case "fails-midway":
        await this.act(call, random, random.below(partsOf(call).length + 1));
        failed("unknown");
        break;
      case "fails-late":
        this.late.push(call);
        failed("unknown");
        break;
      default:
        fate satisfies never;
    }
    await settled();
  }

  /** The worker's process dies; what it had asked for may or may not happen, now or later. */
  crash(worker: Worker, random: Random): void {
    this.count("fault: a worker dies");
    this.log(`${worker.name} dies, waiting for ${worker.calls.map(({ name }) => name).join(", ")}`);
    this.remove(worker, random);
  }

  /** Its time is up; nothing that it asked for is still on its way. */
  timeOut(worker: Worker): void {
    this.count("fault: a worker's time is up");
    this.log(`${worker.name} has no time left`);
    this.remove(worker, undefined);
  }

  /** No call is on its way for long. */
  forgetLate(): void {
    this.late.splice(0);
  }

  /** One of the effects that nobody waits for any more. */
  async performLate(random: Random): Promise<void> {
    const call = random.oneOf(this.late);
    if (call === undefined) return;
    this.late.splice(this.late.indexOf(call), 1);
    this.log(`${call.worker.name} ${call.name} has its effect late`);
    this.count("fault: an effect comes late");
    await this.act(call, random, random.below(partsOf(call).length + 1));
    await settled();
  }

  private async act(call: Call, random: Random, most = Number.POSITIVE_INFINITY): Promise<unknown> {
    const { name, worker, shape } = call;
    const once = async (given: readonly unknown[]): Promise<unknown> => {
      const answer = await call.act(given);
      const order = (this.order += 1);
      this.observe({ name, given, answer, worker, order, askedOrder: call.order });
      return answer;
    };
    if (shape.parts === undefined) return most === 0 ? undefined : once(call.given);
    for (const given of random.shuffled(partsOf(call)).slice(0, most)) await once(given);
    return undefined;
  }

  private end(worker: Worker, how: string): void {
    if (worker.gone) return;
    this.log(`${worker.name} ${how}`);
    // What a function leaves behind when it returns is frozen with its process: it may never happen.
    for (const { name } of worker.calls) this.log(`${worker.name} leaves ${name} behind`);
    this.remove(worker, undefined);
  }

  private remove(worker: Worker, random: Random | undefined): void {
    worker.gone = true;
    const left = worker.calls.splice(0);
    if (random !== undefined) this.late.push(...left.filter(() => random.chance(0.5)));
    this.workers.splice(this.workers.indexOf(worker), 1);
  }
}

const partsOf = ({ shape, given }: Call): readonly (readonly unknown[])[] =>
  shape.parts?.(given as readonly never[]) ?? [given];

function fits(fate: Fate, shape: Shape): boolean {
  if (fate === "lags") return shape.lag !== undefined;
  return fate !== "fails-midway" || shape.parts !== undefined;
}

/** All that follows from an answer without asking the outside again happens in promises, and they are through then. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

import { judgeNotification, sent } from "../rules/fault/judge.ts";
import {
  dueNotifications,
  type Notification,
  overtakenNotifications,
} from "../rules/notification/notification.ts";
import { MessageRefused } from "./http-endpoint.ts";
import type { Transport } from "./transport.ts";
import type { World } from "./world.ts";

interface Trouble {
  readonly attempts: number;
  readonly retryAtMs: number;
}

export interface Flushed {
  readonly sent: number;
  readonly failed: number;
}

/**
 * Sends what is due to the seller. A message leaves the state only after it was taken, so that it is sent at
 * least once even over a crash; one that fails is tried again later and never holds up another.
 */
export class Delivery {
  readonly #world: World;
  readonly #transport: Transport;
  readonly #trouble = new Map<string, Trouble>();
  #running: Promise<unknown> = Promise.resolve();
  /** A round that was asked for and has not begun: whoever asks again waits for the same one. */
  #nextPump: Promise<Flushed> | undefined;

  constructor(world: World, transport: Transport) {
    this.#world = world;
    this.#transport = transport;
  }

  /** Sends what is due and not waiting for another attempt. One round at a time, in the order of asking. */
  pump(): Promise<Flushed> {
    this.#nextPump ??= this.#inTurn(() => {
      this.#nextPump = undefined;
      return this.#sendAll(({ id }) => !this.#isResting(id));
    });
    return this.#nextPump;
  }

  /** Sends everything that is due, resting or not, and answers when it was tried. */
  flush(): Promise<Flushed> {
    return this.#inTurn(() => this.#sendAll(() => true));
  }

  /** Answers when no round is running any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #inTurn(round: () => Promise<Flushed>): Promise<Flushed> {
    const next = this.#running.then(round);
    this.#running = next.catch(() => undefined);
    return next;
  }

  async #sendAll(isWanted: (notification: Notification) => boolean): Promise<Flushed> {
    let sent = 0;
    let failed = 0;
    for (const one of this.#due(isWanted)) {
      const succeeded = await this.#sendOne(one);
      if (succeeded) sent += 1;
      else failed += 1;
      const overtaken = succeeded ? overtakenNotifications(this.#world.state.notifications) : [];
      for (const late of overtaken) if (late.id !== one.id && (await this.#sendOne(late))) sent += 1;
    }
    return { sent, failed };
  }

  /** What is to be sent now, after the faults asked for have struck. */
  #due(isWanted: (notification: Notification) => boolean): Notification[] {
    const nowMs = this.#world.nowMs();
    for (const due of dueNotifications(this.#world.state.notifications, nowMs))
      this.#world.carryOut(judgeNotification(this.#world.state, due, nowMs));
    return dueNotifications(this.#world.state.notifications, nowMs).filter(isWanted);
  }

  async #sendOne(notification: Notification): Promise<boolean> {
    try {
      await this.#transport.bring(notification);
      this.#trouble.delete(notification.id);
      this.#world.apply([sent(notification, this.#world.nowMs())]);
      return true;
    } catch (error) {
      this.#note(notification, error);
      return false;
    }
  }

  #note(notification: Notification, error: unknown): void {
    const { id, kind } = notification;
    const { maxAttempts, pauseMs } = this.#transport.patienceFor(notification);
    const attempts = (this.#trouble.get(id)?.attempts ?? 0) + 1;
    this.#trouble.set(id, { attempts, retryAtMs: performance.now() + pauseMs(attempts) });
    if (attempts < maxAttempts && !(error instanceof MessageRefused)) return;
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`simulator: ${kind} ${id} dropped after attempt ${attempts}: ${reason}\n`);
    this.#world.apply([{ kind: "notification-removed", id }]);
    this.#trouble.delete(id);
  }

  #isResting(id: string): boolean {
    return (this.#trouble.get(id)?.retryAtMs ?? 0) > performance.now();
  }
}

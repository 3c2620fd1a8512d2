import { InTurn } from "./in-turn.ts";
import type { LifecycleEvent } from "./lifecycle-event.ts";

/** Where you keep what you know, one event a subject. */
export interface LatestStore {
  /** Of the event that is kept; `undefined` when there is none. */
  versionOf(subject: string): Promise<number | undefined>;
  /** Keeps the event unless one of the same subject with the same or a higher version is kept; in one step. */
  keepIfNewer(event: LifecycleEvent): Promise<void>;
}

/**
 * Events come at least once and in no promised order. Whoever acts only on what is newer than all before it ends in the final state.
 * Gives a function that does so, and says whether it did. The event is kept once `act` has succeeded, so that one that fails is done
 * again when the event comes again: let it do the same when done twice, from the whole state that the event carries.
 *
 * Events of one subject are acted on one after the other, in this process. Several processes may still act side by side, so that the older
 * of two states is written last: there, `act` writes on the condition that the version it finds is lower, in one step.
 */
export function latest(
  store: LatestStore,
  act: (event: LifecycleEvent) => void | Promise<void> = () => undefined,
): (event: LifecycleEvent) => Promise<boolean> {
  const inTurn = new InTurn();
  return (event) =>
    inTurn.run(event.subject, async () => {
      const known = await store.versionOf(event.subject);
      if (known !== undefined && known >= event.data.version) return false;
      await act(event);
      await store.keepIfNewer(event);
      return true;
    });
}

/** In memory: known again after a restart only from new events. */
export class MemoryLatest implements LatestStore {
  private readonly kept = new Map<string, LifecycleEvent>();

  versionOf(subject: string): Promise<number | undefined> {
    return Promise.resolve(this.kept.get(subject)?.data.version);
  }

  keepIfNewer(event: LifecycleEvent): Promise<void> {
    const before = this.kept.get(event.subject);
    if (before === undefined || before.data.version < event.data.version) this.kept.set(event.subject, event);
    return Promise.resolve();
  }

  /** What is known of a subject. */
  of(subject: string): LifecycleEvent | undefined {
    return this.kept.get(subject);
  }
}

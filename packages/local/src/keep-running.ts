import { type Child, type ChildOptions, startChild } from "./child.ts";

/** Deaths in a row, each hardly started, after which a child is not started again. */
const maxEarlyDeaths = 5;
/** Within this time of being ready a death is early: the first tick of a schedule and the first batch of a queue lie in it. */
const earlyMs = 2_000;

export interface KeepOptions extends Omit<ChildOptions, "onExit"> {
  /** Told when it stands again, in a process of another id. */
  readonly onRestart: () => void;
  /** Told when it keeps dying, or does not come up any more, and is left dead. */
  readonly onGivenUp: (description: string) => void;
}

/**
 * Starts a child, and starts it again whenever it ends unasked, as Lambda does with a function; both are told as its lines of
 * log. A child that keeps ending as soon as it is started is given up.
 * @throws StartError as `startChild` does, for the first start
 */
export async function keepRunning({ onRestart, onGivenUp, ...options }: KeepOptions): Promise<Child> {
  const { name, onLine } = options;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([options.stopped, stopping.signal]);
  let earlyDeaths = 0;
  let restarting = Promise.resolve();

  async function start(): Promise<Child> {
    const started = await startChild({
      ...options,
      stopped,
      onExit: (how) => {
        earlyDeaths = performance.now() - readyAt < earlyMs ? earlyDeaths + 1 : 0;
        if (!stopped.aborted) restarting = restart(how);
      },
    });
    const readyAt = performance.now();
    return started;
  }

  async function restart(how: string): Promise<void> {
    if (earlyDeaths >= maxEarlyDeaths) {
      onGivenUp(`${name} ended unasked ${earlyDeaths} times in a row when it was hardly started (${how})`);
      return;
    }
    say("WARN", "Ended unasked; it is started again", { reason: how });
    try {
      child = await start();
    } catch (error) {
      if (stopped.aborted) return;
      earlyDeaths += 1;
      await restart(error instanceof Error ? error.message : String(error));
      return;
    }
    say("INFO", "Runs again", { pid: child.pid });
    onRestart();
  }

  const say = (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}) =>
    onLine(JSON.stringify({ level, message, timestamp: new Date().toISOString(), service: name, ...fields }));

  let child = await start();
  return {
    name,
    get pid() {
      return child.pid;
    },
    async stop() {
      stopping.abort();
      await restarting;
      await child.stop();
    },
  };
}

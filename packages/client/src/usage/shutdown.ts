import type { UsagePublisher } from "./publisher.ts";
import type { ReportedUsage } from "./usage.ts";

export interface ShutdownOptions {
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Well below the time that whoever ends the process gives it; 8 seconds. */
  readonly withinMs?: number | undefined;
  /** Told what is not known to be stored, to be kept and handed in again; nothing, mostly. */
  readonly onLeft: (left: readonly ReportedUsage[]) => void | Promise<void>;
}

/**
 * Flushes when the process is told to end, and then lets it end as it would have. Gives a function that takes this back.
 */
export function flushOnShutdown(
  publisher: Pick<UsagePublisher, "close">,
  { signals = ["SIGTERM", "SIGINT"], withinMs = 8_000, onLeft }: ShutdownOptions,
): () => void {
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    stop();
    void publisher
      .close(withinMs)
      .then(({ left }) => (left.length > 0 ? onLeft(left) : undefined))
      .finally(() => {
        // Others who listen end the process themselves.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}

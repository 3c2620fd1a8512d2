import type { UsagePublisher } from "./publisher.ts";
import type { ReportedUsage } from "./usage.ts";

export interface ShutdownOptions {
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Well below the time that whoever ends the process gives it; 8 seconds. */
  readonly withinMs?: number | undefined;
  /**
   * Told what is not known to be stored, to be kept and handed in again; nothing, mostly. When it fails, that is said on stderr, and the
   * exit code is 1.
   */
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
    void handOver(publisher, withinMs, onLeft).then((isKept) => {
      if (!isKept) process.exitCode = 1;
      // Others who listen end the process themselves.
      if (process.listenerCount(signal) > 0) return;
      if (isKept) process.kill(process.pid, signal);
      else process.exit();
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}

/** Whether nothing is lost. */
async function handOver(
  publisher: Pick<UsagePublisher, "close">,
  withinMs: number,
  onLeft: ShutdownOptions["onLeft"],
): Promise<boolean> {
  const { left } = await publisher.close(withinMs);
  if (left.length === 0) return true;
  try {
    await onLeft(left);
    return true;
  } catch (error) {
    process.stderr.write(
      `Usage events that were not kept: ${left.length} not known to be stored. onLeft failed with ${nameOf(error)}. They are lost unless your service can report them again.\n`,
    );
    return false;
  }
}

/** Not its message, which may quote what it was given. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "no error";
  return "code" in error ? `${error.name} (${String(error.code)})` : error.name;
}

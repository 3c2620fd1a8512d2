/** Ends this process, tidily, when it is told to or when the one that started it is gone. */
export function liveWithParent(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    void stop().finally(() => process.exit(0));
  };
  process.once("SIGTERM", end);
  process.once("disconnect", end);
  process.on("SIGINT", () => undefined);
}

/** Tells the parent that work can begin. */
export const reportReady = (details: Readonly<Record<string, unknown>> = {}): void => {
  process.send?.({ ready: true, ...details });
};

/**
 * Aborts when whoever started us has had enough: Ctrl-C, SIGTERM, a closed terminal, or a pipe that nobody reads any more.
 * Later signals change nothing: npm passes a Ctrl-C on that the terminal has sent already, and people press it twice.
 */
export function toldToEnd(): AbortSignal {
  const told = new AbortController();
  const end = () => told.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  process.stdout.on("error", end);
  process.stderr.on("error", end);
  return told.signal;
}

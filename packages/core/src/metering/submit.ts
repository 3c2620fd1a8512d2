import type { Configuration } from "../configuration/configuration.ts";
import { noneSubmitted, type Submitted } from "./outcome.ts";
import type { SubmitPorts } from "./submission.ts";
import { SubmitRun } from "./submit-run.ts";

/**
 * Sends pending records, one product, Region and identity mode a call, the nearest deadlines first, records without units behind
 * all others. One process at a time does, by a lease. A record that spoils its call is found by halving the call. Whatever is not
 * accepted stays pending until its deadline; a product that AWS takes nothing of is held, and leaves the others alone.
 * @param hasTime asked between calls; `false` ends the run, and `isMore` says whether anything is left
 */
export async function submitRecords(
  ports: SubmitPorts,
  configuration: Configuration,
  hasTime: () => boolean = () => true,
): Promise<Submitted> {
  if (!(await ports.lease.take())) return noneSubmitted;
  const run = new SubmitRun(ports, configuration, hasTime);
  try {
    await run.sendAll();
    return run.submitted;
  } finally {
    // A lease that cannot be given back runs out by itself.
    await ports.lease.release().catch(() => undefined);
  }
}

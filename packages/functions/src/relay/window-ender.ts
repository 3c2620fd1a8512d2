import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { elapseWindow } from "@tollhouse/core/lifecycle/elapse-window";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import type { Elapsed, WindowEnder } from "@tollhouse/core/outbox/relay";

/** Ends windows one by one, each of which wakes the relay again to announce it; one whose product is no longer configured stays in the outbox. */
export const windowEnder = (ports: RecordPorts, configuration: Configuration): WindowEnder => ({
  async end(windows) {
    const ended: Elapsed[] = [];
    for (const window of windows) {
      const outcome = await elapseWindow(ports, configuration, window.subscriptionId, window.deadlineAt);
      if (outcome.kind !== "refused") ended.push(window);
    }
    return ended;
  },
});

import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { type Moment, passMoment } from "@tollhouse/core/lifecycle/pass-moment";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import type { Timekeeper } from "@tollhouse/core/outbox/relay";

/** Notes moments one by one, each of which wakes the relay again to announce it; one whose product is no longer configured stays in the outbox. */
export const timekeeper = (ports: RecordPorts, configuration: Configuration): Timekeeper => ({
  async pass(moments) {
    const passed: Moment[] = [];
    for (const moment of moments) {
      const outcome = await passMoment(ports, configuration, moment);
      if (outcome.kind !== "refused") passed.push(moment);
    }
    return passed;
  },
});

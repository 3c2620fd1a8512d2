import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { type Moment, passMoment } from "@tollhouse/core/lifecycle/pass-moment";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import type { Timekeeper } from "@tollhouse/core/outbox/relay";

/** Notes moments one by one, each of which wakes the relay again to announce it; one whose product is no longer configured stays in the outbox. */
export const timekeeper = (ports: RecordPorts, configuration: Configuration): Timekeeper => ({
  async pass(moments) {
    const passed: Moment[] = [];
    const errors: unknown[] = [];
    for (const moment of moments) {
      try {
        const outcome = await passMoment(ports, configuration, moment);
        if (outcome.kind !== "refused") passed.push(moment);
      } catch (error) {
        errors.push(error);
      }
    }
    // One that fails holds up no other; when all do, it is the table that is out of order.
    if (errors.length > 0 && passed.length === 0)
      throw new AggregateError(errors, "no moment could be noted");
    return passed;
  },
});

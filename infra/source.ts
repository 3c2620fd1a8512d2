import {
  functions,
  queues as settings,
  type FunctionName,
  type QueueName,
  type Source,
} from "@tollhouse/functions/manifest";
import { makeFunction } from "./function";
import { serve } from "./http";
import type { Permission } from "./permission";
import { queues } from "./queue";
import { runEvery } from "./schedule";

/** Makes a function and everything that makes it run. */
export function open(name: FunctionName, permissions: Permission[]): void {
  const target = makeFunction(name, permissions);
  const sources: readonly Source[] = functions[name].sources;
  for (const source of sources) {
    switch (source.kind) {
      case "http":
        serve(source.routes, source.callers, target);
        break;
      case "queue":
        feed(source.queue, target);
        break;
      case "schedule":
        runEvery(source.everyMinutes, name, target);
        break;
      case "invoke":
        // Whoever may call it is told so by their own account: a policy that allows lambda:InvokeFunction on it.
        break;
      default:
        source satisfies never;
    }
  }
}

/** Hands a queue's messages to a function; one bad message returns alone, not with its batch. */
function feed(name: QueueName, target: sst.aws.Function): void {
  const { batch, ...queue } = settings[name];
  queues[name].subscribe(target.arn, {
    batch: { size: batch.size, window: `${batch.windowSeconds} seconds`, partialResponses: true },
    ...("maxConcurrency" in queue && {
      transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: queue.maxConcurrency } } },
    }),
  });
}

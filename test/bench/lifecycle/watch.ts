import { AsyncLocalStorage } from "node:async_hooks";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import * as z from "zod";
import type { Sample } from "./exchange.ts";

type Begun = Pick<Sample, "availableAtMs" | "takenAtMs">;

/** Whose work is being done: many messages are in flight at once. */
const current = new AsyncLocalStorage<Sample>();

/** Runs the work on one message and gives its sample; `kindOf` reads the outcome. */
export async function watch<Outcome>(
  begun: Begun,
  work: () => Promise<Outcome>,
  kindOf: (outcome: Outcome) => string,
): Promise<{ readonly sample: Sample; readonly outcome: Outcome }> {
  const sample: Sample = {
    ...{ kind: "", ...begun, storedAtMs: 0, tries: 0 },
    ...{ requests: 0, readUnits: 0, writeUnits: 0 },
  };
  const outcome = await current.run(sample, work);
  sample.kind = kindOf(outcome);
  if (sample.storedAtMs === 0) sample.storedAtMs = Date.now();
  return { sample, outcome };
}

/** The store, noting when a change is durable: what follows, waking the relay, is not part of it. */
export const watchStore = (store: LifecycleStore): LifecycleStore => ({
  ...store,
  async commit(change) {
    const outcome = await store.commit(change);
    const sample = current.getStore();
    if (sample !== undefined) {
      sample.tries += 1;
      if (outcome === "stored") sample.storedAtMs = Date.now();
    }
    return outcome;
  },
});

const capacity = z.object({ CapacityUnits: z.number() });
const answerSchema = z.object({ ConsumedCapacity: z.union([capacity, z.array(capacity)]) });

/** Has every request say what it consumed. A transaction that is refused says nothing, though AWS counts it. */
export function countRequests(client: DynamoDBDocumentClient): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const sample = current.getStore();
        if (sample === undefined) return next(args);
        sample.requests += 1;
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const { ConsumedCapacity } = answerSchema.parse(answer.output);
        const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
        if (/^(Get|Query)/.test(commandName ?? "")) sample.readUnits += units;
        else sample.writeUnits += units;
        return answer;
      },
    { step: "initialize", name: "countRequests" },
  );
}

import { AsyncLocalStorage } from "node:async_hooks";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import * as z from "zod";
import type { Sample } from "./exchange.ts";
import { costOfTransaction } from "./write-unit.ts";

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
    ...{ requests: 0, readUnits: 0, items: 0, tableUnits: 0, indexUnits: 0 },
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

const answerSchema = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) });

/** Counts every request, what reads report, and what transactions cost, also those that are refused: AWS bills them too. */
export function countRequests(client: DynamoDBDocumentClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const sample = current.getStore();
      if (sample === undefined) return next(args);
      sample.requests += 1;
      const cost = costOfTransaction(args.input);
      if (cost !== undefined) {
        sample.items += cost.items;
        sample.tableUnits += cost.tableUnits;
        sample.indexUnits += cost.indexUnits;
        return next(args);
      }
      const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
      sample.readUnits += answerSchema.parse(answer.output).ConsumedCapacity.CapacityUnits;
      return answer;
    },
    { step: "initialize", name: "countRequests" },
  );
}

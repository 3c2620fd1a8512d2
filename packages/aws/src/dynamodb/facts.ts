import { type Fact, factSchema } from "@tollhouse/core/lifecycle/fact";
import type { RecordKey } from "@tollhouse/core/lifecycle/store";
import { streamOf } from "./key.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";

/** Every fact filed under a record. Consistent. */
export async function readFacts({ entities }: LifecycleEntities, home: RecordKey): Promise<readonly Fact[]> {
  const { data } = await entities.fact.query
    .all({ stream: streamOf(home) })
    .go({ consistent: true, pages: "all" });
  return data.map((item) => factSchema.parse(item.fact));
}

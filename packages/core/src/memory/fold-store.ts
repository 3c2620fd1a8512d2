import type { FoldHead, FoldPlan, FoldState, FoldStore, MetEvents } from "../metering/store.ts";
import { closeFold, neverFolded, openFold } from "../metering/fold-state.ts";
import type { HourShard } from "../usage/shard.ts";

/** What folds have counted, in memory, and all of it. */
export interface MemoryFoldStore extends FoldStore {
  states(): readonly FoldState[];
  /** Every plan that was decided on. */
  plans(): readonly FoldPlan[];
}

export function memoryFoldStore(): MemoryFoldStore {
  const states = new Map<string, FoldState>();
  const digests = new Map<string, MetEvents>();
  const plans: FoldPlan[] = [];
  /** Takes the place of the version before, and of no other. */
  const write = (state: FoldState): Promise<FoldState | undefined> => {
    const known = states.get(placeName(state))?.version ?? 0;
    if (known !== state.version - 1) return Promise.resolve(undefined);
    states.set(placeName(state), structuredClone(state));
    return Promise.resolve(structuredClone(state));
  };
  const stateOf = (place: HourShard): FoldState => states.get(placeName(place)) ?? neverFolded(place);
  const plansOf = ({ planIds, ...place }: FoldHead): readonly MetEvents[] =>
    planIds.flatMap((planId) => digests.get(`${placeName(place)}/${planId}`) ?? []);
  return {
    load: (place) => Promise.resolve(structuredClone(stateOf(place))),
    head(place) {
      const { hour, shard, version, planIds, coveredUntil } = stateOf(place);
      return Promise.resolve({ hour, shard, version, planIds: [...planIds], coveredUntil });
    },
    metAmong: (head, identities) =>
      Promise.resolve(
        new Map(plansOf(head).flatMap((met) => [...met].filter(([identity]) => identities.has(identity)))),
      ),
    open(state: FoldState, plan: FoldPlan, met, around) {
      digests.set(`${placeName(state)}/${plan.id}`, new Map(met));
      if (around.some((head) => stateOf(head).version !== head.version)) return Promise.resolve(undefined);
      return write(openFold(state, plan)).then((opened) => {
        if (opened !== undefined) plans.push(structuredClone(plan));
        return opened;
      });
    },
    close: (state) => write(closeFold(state)),
    states: () => structuredClone([...states.values()]),
    plans: () => structuredClone(plans),
  };
}

const placeName = ({ hour, shard }: HourShard): string => `${hour}/${shard}`;

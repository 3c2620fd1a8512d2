import type { FoldHead, FoldPlan, FoldState, FoldStore } from "../metering/store.ts";
import type { HourShard } from "../usage/shard.ts";

/** What folds have counted, in memory. */
export function memoryFoldStore(): FoldStore {
  const states = new Map<string, FoldState>();
  const digests = new Map<string, readonly string[]>();
  /** Takes the place of the version before, and of no other. */
  const write = (state: FoldState): Promise<FoldState | undefined> => {
    const known = states.get(placeName(state))?.version ?? 0;
    if (known !== state.version - 1) return Promise.resolve(undefined);
    states.set(placeName(state), structuredClone(state));
    return Promise.resolve(structuredClone(state));
  };
  const versionOf = (place: HourShard): number => states.get(placeName(place))?.version ?? 0;
  const metBy = ({ planIds, ...place }: FoldHead): readonly string[] =>
    planIds.flatMap((planId) => digests.get(`${placeName(place)}/${planId}`) ?? []);
  return {
    load: (place) => Promise.resolve(structuredClone(states.get(placeName(place)) ?? neverFolded(place))),
    head({ hour, shard }) {
      const { version, planIds } = states.get(placeName({ hour, shard })) ?? neverFolded({ hour, shard });
      return Promise.resolve({ hour, shard, version, planIds: [...planIds] });
    },
    metIdentities: (head) => Promise.resolve(new Set(metBy(head))),
    metAmong: (head, identities) =>
      Promise.resolve(new Set(metBy(head).filter((identity) => identities.has(identity)))),
    open(state, plan, identities, around) {
      digests.set(`${placeName(state)}/${plan.id}`, [...identities]);
      if (around.some((head) => versionOf(head) !== head.version)) return Promise.resolve(undefined);
      return write(opened(state, plan));
    },
    close: (state) => write({ ...state, version: state.version + 1, open: undefined }),
  };
}

const placeName = ({ hour, shard }: HourShard): string => `${hour}/${shard}`;

const neverFolded = ({ hour, shard }: HourShard): FoldState => ({
  hour,
  shard,
  version: 0,
  foldedSegmentIds: new Set(),
  planIds: [],
  open: undefined,
});

const opened = (state: FoldState, plan: FoldPlan): FoldState => ({
  ...state,
  version: state.version + 1,
  foldedSegmentIds: new Set([...state.foldedSegmentIds, ...plan.segmentIds]),
  planIds: [...state.planIds, plan.id],
  open: plan,
});

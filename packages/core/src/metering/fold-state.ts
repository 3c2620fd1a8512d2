import { add, zeroUnits } from "../quantity/micro-units.ts";
import type { HourShard } from "../usage/shard.ts";
import type { FoldPlan, FoldState, FoldTally } from "./store.ts";

const noTally: FoldTally = {
  eventCount: 0,
  units: zeroUnits,
  repeatCount: 0,
  repeatedUnits: zeroUnits,
};

const addTally = (a: FoldTally, b: FoldTally): FoldTally => ({
  eventCount: a.eventCount + b.eventCount,
  units: add(a.units, b.units),
  repeatCount: a.repeatCount + b.repeatCount,
  repeatedUnits: add(a.repeatedUnits, b.repeatedUnits),
});

export const neverFolded = ({ hour, shard }: HourShard): FoldState => ({
  hour,
  shard,
  version: 0,
  foldedSegmentIds: new Set(),
  planIds: [],
  tally: noTally,
  coveredUntil: undefined,
  open: undefined,
});

/** The state once a plan is decided on. */
export const openFold = (state: FoldState, plan: FoldPlan): FoldState => ({
  ...state,
  version: state.version + 1,
  foldedSegmentIds: new Set([...state.foldedSegmentIds, ...plan.segmentIds]),
  planIds: [...state.planIds, plan.id],
  tally: addTally(state.tally, plan.tally),
  open: plan,
});

/** The state once its open plan is booked. */
export function closeFold({ open, ...state }: FoldState): FoldState {
  const [covered = 0, covers = 0] = [state.coveredUntil, open?.coversUntil];
  return {
    ...state,
    version: state.version + 1,
    coveredUntil: covers > covered ? open?.coversUntil : state.coveredUntil,
    open: undefined,
  };
}

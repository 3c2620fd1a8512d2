import { type Decision, decided, refused } from "../decision.ts";
import { refusal } from "../refusal.ts";
import { isSuspended, type State } from "../state.ts";

/** AWS suspends a buyer's account: usage is answered `CustomerNotSubscribed` until it is reinstated. */
export const suspend = (state: State, buyerAccountId: string, nowMs: number): Decision<string> =>
  isSuspended(state, buyerAccountId)
    ? refused(refusal("buyer-suspended", `${buyerAccountId} is suspended already`))
    : decided(buyerAccountId, [{ kind: "buyer-suspended", buyerAccountId, atMs: nowMs }]);

/** The buyer's account is in order again. */
export const reinstate = (state: State, buyerAccountId: string): Decision<string> =>
  isSuspended(state, buyerAccountId)
    ? decided(buyerAccountId, [{ kind: "buyer-reinstated", buyerAccountId }])
    : refused(refusal("buyer-not-suspended", `${buyerAccountId} is not suspended`));

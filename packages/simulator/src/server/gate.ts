import type { CallFault } from "../rules/fault/fault.ts";
import { judgeCall } from "../rules/fault/judge.ts";
import { AwsError } from "./aws-error.ts";
import type { Principal } from "./session.ts";
import type { Throttle } from "./throttle.ts";
import type { World } from "./world.ts";

/** What stands between a call and its operation. */
export interface Gate {
  readonly world: World;
  readonly throttle: Throttle;
}

/** The call was carried out, and its answer shall not arrive. */
export class LostAnswer extends Error {
  override readonly name = "LostAnswer";
  /** Whether an error comes in its place; else the connection breaks. */
  readonly error: AwsError | undefined;
  constructor(error: AwsError | undefined) {
    super("the answer is lost, as was asked for");
    this.error = error;
  }
}

/**
 * Lets the call through, unless it is throttled or a fault that was asked for strikes it. Gives the fault that is to
 * strike the answer, if any. @throws AwsError when the call does not come through.
 */
export function pass(
  { world, throttle }: Gate,
  principal: Principal,
  operation: string,
  internalError: string,
): LostAnswer | undefined {
  throttle.check(principal, operation);
  const outcome = world.carryOut(judgeCall(world.state, operation));
  const fault = "answer" in outcome ? outcome.answer : undefined;
  if (fault?.fault === "throttle")
    throw new AwsError("ThrottlingException", "Rate exceeded, as was asked for");
  if (fault?.fault === "fail") throw new AwsError(internalError, "Failed, as was asked for", 500);
  return fault && lossOf(fault, internalError);
}

const lossOf = ({ answer }: CallFault, internalError: string): LostAnswer =>
  new LostAnswer(
    answer === "500"
      ? new AwsError(internalError, "Done, and then failed, as was asked for", 500)
      : undefined,
  );

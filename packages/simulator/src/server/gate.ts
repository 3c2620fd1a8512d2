import { setTimeout } from "node:timers/promises";
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

/** An error that was asked for. */
class FaultError extends AwsError {
  readonly fault: CallFault["fault"];
  constructor(fault: CallFault["fault"], ...rest: ConstructorParameters<typeof AwsError>) {
    super(...rest);
    this.fault = fault;
  }
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

/** What becomes of the answer to a call that came through. */
export interface Passed {
  readonly fault?: CallFault["fault"];
  readonly loss?: LostAnswer;
  readonly delayMs?: number;
}

const slowMs = 1_000;

/**
 * Lets the call through, unless it is throttled or a fault that was asked for strikes it. Gives what is to become of its
 * answer. @throws AwsError when the call does not come through.
 */
export function pass(
  { world, throttle }: Gate,
  principal: Principal,
  operation: string,
  internalError: string,
): Passed {
  throttle.check(principal, operation);
  const outcome = world.carryOut(judgeCall(world.state, operation));
  const struck = "answer" in outcome ? outcome.answer : undefined;
  if (struck === undefined) return {};
  const { fault, answer, delayMs = slowMs } = struck;
  if (fault === "slow") return { fault, delayMs };
  if (fault === "lose-answer") return { fault, loss: lossOf(answer, internalError) };
  throw refusedBy(fault, { principal, operation, internalError });
}

function refusedBy(
  fault: Exclude<CallFault["fault"], "slow" | "lose-answer">,
  call: { principal: Principal; operation: string; internalError: string },
): FaultError {
  const asked = "as was asked for";
  switch (fault) {
    case "throttle":
      return new FaultError(fault, "ThrottlingException", `Rate exceeded, ${asked}`);
    case "fail":
      return new FaultError(fault, call.internalError, `Failed, ${asked}`, 500);
    case "deny": {
      const message = `User: ${call.principal.arn} is not authorized to perform: ${call.operation}, ${asked}`;
      return new FaultError(fault, "AccessDeniedException", message);
    }
    case "disable":
      return new FaultError(fault, "DisabledApiException", `The API is disabled in the Region, ${asked}`);
  }
}

const lossOf = (answer: CallFault["answer"], internalError: string): LostAnswer =>
  new LostAnswer(
    answer === "500"
      ? new AwsError(internalError, "Done, and then failed, as was asked for", 500)
      : undefined,
  );

/** Waits as long as the answer is to be held back; keeps no process alive. @throws LostAnswer when it is to be lost. */
export async function release({ delayMs, loss }: Passed): Promise<void> {
  if (delayMs !== undefined) await setTimeout(delayMs, undefined, { ref: false });
  if (loss !== undefined) throw loss;
}

/** The fault that an error came of, if one was asked for. */
export const faultOf = (error: unknown): string | undefined =>
  error instanceof FaultError ? error.fault : undefined;

import type * as z from "zod";
import type { Fault } from "../../rules/fault/fault.ts";
import type { faultAsked } from "../control/fault-request.ts";

type Asked = z.output<typeof faultAsked>;
type WithoutCount<One> = One extends Asked ? Omit<One, "next" | "probability" | "name"> : never;

export interface FaultKind {
  readonly title: string;
  /** What it does to the seller. */
  readonly effect: string;
  readonly asked: WithoutCount<Asked>;
}

/** Every kind of fault there is, with what it does to the seller, by the name that the forms use. */
export const faultKinds: Readonly<Record<string, FaultKind>> = {
  repeat: {
    title: "Notifications come twice",
    effect: "The seller hears the same again 20 seconds later, under the same id. Nothing may happen twice.",
    asked: { on: "notifications", fault: "repeat", copies: 1, delaySeconds: 20 },
  },
  delay: {
    title: "Notifications come late",
    effect: "The seller hears it five minutes later than usual; the buyer may be there long before.",
    asked: { on: "notifications", fault: "delay", delaySeconds: 300 },
  },
  reorder: {
    title: "Notifications overtake each other",
    effect: "The next one comes first. An end must not be undone by a beginning that arrives after it.",
    asked: { on: "notifications", fault: "reorder", delaySeconds: 300 },
  },
  drop: {
    title: "Notifications are lost",
    effect: "The seller never hears it, and has to find out by asking AWS.",
    asked: { on: "notifications", fault: "drop" },
  },
  throttle: {
    title: "Calls are throttled",
    effect: "AWS says “too many calls” and does nothing. The seller has to ask again.",
    asked: { on: "calls", fault: "throttle" },
  },
  fail: {
    title: "Calls fail at AWS",
    effect: "AWS says “internal error” and does nothing. The seller has to ask again.",
    asked: { on: "calls", fault: "fail" },
  },
  "lose-answer": {
    title: "Answers are lost",
    effect: "AWS does it, and the connection breaks. The seller cannot know, and must not bill twice.",
    asked: { on: "calls", fault: "lose-answer", answer: "drop" },
  },
  "error-answer": {
    title: "Answers turn into errors",
    effect: "AWS does it, and says “internal error” all the same. The seller must not bill twice.",
    asked: { on: "calls", fault: "lose-answer", answer: "500" },
  },
  slow: {
    title: "AWS is slow",
    effect: "AWS does it, and answers three seconds later, of the world's time.",
    asked: { on: "calls", fault: "slow", delayMs: 3_000 },
  },
  deny: {
    title: "The seller's role is refused",
    effect: "AWS says “access denied”, as when somebody took the role away. Only people can mend it.",
    asked: { on: "calls", fault: "deny" },
  },
  disable: {
    title: "The Region lacks the API",
    effect: "AWS says that the API is disabled here. Only people can mend it.",
    asked: { on: "calls", fault: "disable" },
  },
  unprocessed: {
    title: "Usage is left unprocessed",
    effect:
      "AWS hands single records of a good call back. They are billed only if the seller sends them again.",
    asked: { on: "records", fault: "leave-unprocessed" },
  },
  shuffle: {
    title: "Results are out of order",
    effect:
      "AWS answers a call with each result in another's place. The seller must not take one for the other.",
    asked: { on: "results", fault: "shuffle" },
  },
};

/** The kind that a fault is of, whatever else it says. */
export const kindOf = (fault: Fault): FaultKind | undefined =>
  Object.values(faultKinds).find(
    ({ asked }) => asked.fault === fault.fault && answerOf(asked) === answerOf(fault),
  );

const answerOf = (fault: WithoutCount<Asked> | Fault): string =>
  fault.fault === "lose-answer" ? (fault.answer ?? "drop") : "";

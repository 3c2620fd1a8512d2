import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialState, type State } from "../state.ts";
import { Story } from "../story.ts";
import { carryOut } from "../decision.ts";
import { dueNotifications, overtakenNotifications } from "../notification/notification.ts";
import {
  type CallFault,
  type Fault,
  type Faults,
  type NotificationFault,
  strike,
  type Target,
} from "./fault.ts";
import { judgeCall, judgeNotification, sent } from "./judge.ts";

const faultsOf = (seed: string, ...rules: Omit<Fault, "struck">[]): Faults => ({
  seed,
  drawn: 0,
  rules: rules.map((rule) => ({ ...rule, struck: 0 }) as Fault),
});
const call = (operation: string): Target => ({ on: "calls", operation });

/** Which of the targets are struck, by what; and the faults afterwards. */
function struck(before: Faults, targets: readonly Target[]) {
  let faults = before;
  const names = targets.map((target) => {
    const outcome = strike(faults, target);
    ({ faults } = outcome);
    return outcome.fault?.fault;
  });
  return { names, faults };
}

describe("which fault strikes", () => {
  it("the next so many times, and no more", () => {
    const faults = faultsOf("a", { on: "calls", fault: "fail", next: 2 });
    const { names, faults: after } = struck(faults, [call("A"), call("B"), call("C")]);
    expect(names).toEqual(["fail", "fail", undefined]);
    expect(after.rules).toMatchObject([{ next: 0, struck: 2 }]);
  });

  it("only what it concerns", () => {
    const about: Target = { on: "notifications", kind: "subscribe-success", agreementId: "agmt-1" };
    const cases: [Omit<Fault, "struck">, Target, string | undefined][] = [
      [{ on: "calls", fault: "throttle", operation: "A", next: 1 } as CallFault, call("B"), undefined],
      [{ on: "calls", fault: "throttle", operation: "A", next: 1 } as CallFault, call("A"), "throttle"],
      [{ on: "calls", fault: "throttle", next: 1 }, about, undefined],
      [{ on: "notifications", fault: "drop", next: 1 }, call("A"), undefined],
      [{ on: "notifications", fault: "drop", next: 1 }, about, "drop"],
      [
        { on: "notifications", fault: "drop", next: 1, kind: "subscribe-fail" } as NotificationFault,
        about,
        undefined,
      ],
      [
        { on: "notifications", fault: "drop", next: 1, agreementId: "agmt-2" } as NotificationFault,
        about,
        undefined,
      ],
    ];
    for (const [rule, target, name] of cases)
      expect(struck(faultsOf("a", rule), [target]).names).toEqual([name]);
  });

  it("the first of several whose turn it is", () => {
    const faults = faultsOf(
      "a",
      { on: "calls", fault: "throttle", next: 1 },
      { on: "calls", fault: "fail", next: 1 },
    );
    expect(struck(faults, [call("A"), call("A"), call("A")]).names).toEqual(["throttle", "fail", undefined]);
  });

  it("with a probability: never at 0, always at 1, the same each time for one seed", () => {
    const targets = Array.from({ length: 50 }, () => call("A"));
    const rule = (probability: number) => ({ on: "calls", fault: "fail", probability }) as const;
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, probability) => {
        const run = () => struck(faultsOf(seed, rule(probability)), targets);
        expect(run()).toEqual(run());
        expect(struck(faultsOf(seed, rule(0)), targets).names.filter(Boolean)).toEqual([]);
        expect(struck(faultsOf(seed, rule(1)), targets).names.filter(Boolean)).toHaveLength(50);
      }),
    );
    const half = struck(faultsOf("a", rule(0.5)), targets).names.filter(Boolean).length;
    expect(half).toBeGreaterThan(10);
    expect(half).toBeLessThan(40);
    expect(struck(faultsOf("a", rule(0.5)), targets)).not.toEqual(struck(faultsOf("b", rule(0.5)), targets));
  });
});

/** A purchase whose two events are due, with one fault asked for. */
function due(fault: Omit<NotificationFault, "on" | "struck">) {
  const story = new Story();
  story.buys("new-metered");
  const nowMs = Story.beginMs + 100_000;
  story.state.faults = faultsOf("a", { on: "notifications", ...fault });
  const judge = (state: State) => {
    for (const one of dueNotifications(state.notifications, nowMs))
      carryOut(state, judgeNotification(state, one, nowMs));
  };
  const kinds = (atMs = nowMs) => dueNotifications(story.state.notifications, atMs).map(({ kind }) => kind);
  judge(story.state);
  return { story, nowMs, kinds, judge };
}

describe("what becomes of a notification", () => {
  it("a dropped one is never sent", () => {
    const { kinds } = due({ fault: "drop", next: 1 });
    expect(kinds()).toEqual(["license-updated"]);
  });

  it("a delayed one is sent as late as was asked, with the same content", () => {
    const { kinds, nowMs, story } = due({ fault: "delay", delaySeconds: 60, next: 1 });
    expect(kinds()).toEqual(["license-updated"]);
    expect(kinds(nowMs + 60_000)).toEqual(["agreement-created", "license-updated"]);
    expect(story.events()[0]).toHaveProperty("type", "Purchase Agreement Created - Proposer");
  });

  it("one that is reordered waits for another, and at most five minutes", () => {
    const { kinds, nowMs, story } = due({ fault: "reorder", next: 1 });
    expect(kinds()).toEqual(["license-updated"]);
    expect(overtakenNotifications(story.state.notifications).map(({ kind }) => kind)).toEqual([
      "agreement-created",
    ]);
    expect(kinds(nowMs + 300_000)).toEqual(["agreement-created", "license-updated"]);
  });

  it("a repeated one is sent again under the same id, as often as was asked and then no more", () => {
    const { story, nowMs } = due({ fault: "repeat", copies: 2, delaySeconds: 10, next: 1 });
    const [first] = Object.keys(story.state.notifications);
    const times: number[] = [];
    for (let atMs = nowMs; ;) {
      const notification = story.state.notifications[first ?? ""];
      if (notification === undefined) break;
      atMs = notification.sendAtMs ?? atMs;
      times.push(atMs - nowMs);
      carryOut(story.state, { answer: undefined, changes: [sent(notification, atMs)] });
    }
    expect(times).toEqual([0, 10_000, 20_000]);
  });

  it("is decided once, however often it is looked at", () => {
    const { story, judge, kinds } = due({ fault: "delay", delaySeconds: 60, next: 5 });
    const faults = structuredClone(story.state.faults);
    judge(story.state);
    expect(story.state.faults).toEqual(faults);
    expect(kinds()).toEqual([]);
    const repeated = due({ fault: "repeat", next: 5 });
    repeated.judge(repeated.story.state);
    expect(repeated.story.state.faults.rules).toMatchObject([{ next: 3, struck: 2 }]);
  });
});

it("a call that no fault concerns changes nothing", () => {
  expect(judgeCall(initialState(), "A")).toEqual({ answer: undefined, changes: [] });
});

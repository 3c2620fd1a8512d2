import { expect, it } from "vitest";
import { informationalKinds } from "../notification/informational-event.ts";
import { Story } from "../story.ts";
import { dayMs } from "../time.ts";
import { amend } from "./amend.ts";
import { cancel } from "./cancel.ts";
import { inform } from "./inform.ts";

const nowMs = Story.beginMs + dayMs;

it("an informational event is sent at once, changes no agreement, and has an id of its own each time", () => {
  const story = new Story();
  const agreement = story.buys("new-contract");
  for (const kind of informationalKinds)
    for (let times = 0; times < 2; times += 1)
      story.does(inform(story.catalogue, story.state, agreement.id, { kind }, nowMs));
  const sent = Object.values(story.state.notifications).filter(({ dueAtMs }) => dueAtMs === nowMs);
  expect(sent).toHaveLength(2 * informationalKinds.length);
  expect(story.agreement(agreement.id)).toEqual(agreement);
});

it("names the agreement as its resource, except about cancellation requests and billing adjustments", () => {
  const story = new Story();
  const { id } = story.buys("new-contract");
  const resourcesOf = (kind: (typeof informationalKinds)[number]) => {
    const fresh = new Story();
    const own = fresh.buys("new-contract").id;
    fresh.does(inform(fresh.catalogue, fresh.state, own, { kind }, nowMs));
    return fresh.events(nowMs)[0]?.resources;
  };
  expect(resourcesOf("advisory-issued")).toEqual([`arn:aws:aws-marketplace::aws:agreement:${id}`]);
  expect(resourcesOf("cancellation-request-approved")).toEqual([]);
  expect(resourcesOf("billing-adjustment-failed")).toEqual([]);
});

it("an event that nobody knows yet may be invented", () => {
  const story = new Story();
  const { id } = story.buys("new-contract");
  const event = { kind: "unknown", detailType: "Purchase Agreement Painted - Manufacturer" } as const;
  story.does(inform(story.catalogue, story.state, id, { ...event, detail: { colour: "blue" } }, nowMs));
  expect(story.events(nowMs)[0]).toMatchObject({ type: event.detailType, detail: { colour: "blue" } });
});

it("a seller is not sent what goes to his channel partner, nor events of an old listing", () => {
  const story = new Story();
  const resold = story.buys("new-contract", { proposerAccountId: "999900001111" });
  const old = story.buys("old-contract");
  const refused = (id: string, kind: "ending" | "advisory-issued") =>
    story.refusal(inform(story.catalogue, story.state, id, { kind }, nowMs));
  expect(refused(resold.id, "ending")).toBe("not-the-proposer");
  expect(refused(resold.id, "advisory-issued")).toBe("answered");
  expect(refused(old.id, "advisory-issued")).toBe("no-events");
});

it("a term's end is announced on five days before it where that is switched on, unless it no longer ends", () => {
  const story = new Story({}, { endingNotices: true });
  const { id, endAtMs } = story.buys("new-contract");
  const days = () =>
    Object.values(story.state.notifications)
      .filter(({ kind }) => kind === "agreement-ending")
      .map(({ dueAtMs }) => ((endAtMs ?? 0) - dueAtMs) / dayMs);
  expect(days()).toEqual([180, 120, 90, 60, 30]);
  expect(story.events().find(({ type }) => type.includes("Ending"))?.detail).toMatchObject({
    agreement: { daysBeforeEndTime: 180 },
  });
  const set = (autoRenew: boolean, atMs: number) =>
    story.does(amend(story.catalogue, story.state, id, { autoRenew }, atMs));
  set(true, nowMs);
  expect(days()).toEqual([]);
  set(false, (endAtMs ?? 0) - 100 * dayMs);
  expect(days()).toEqual([90, 60, 30]);
  story.does(cancel(story.catalogue, story.state, id, (endAtMs ?? 0) - 50 * dayMs));
  expect(days()).toEqual([90, 60]);
  expect(new Story().buys("new-contract").endAtMs).toBe(endAtMs);
  const quiet = new Story();
  quiet.buys("new-contract");
  expect(quiet.ahead().join()).not.toContain("agreement-ending");
});

import { expect, test } from "vitest";
import { InTurn } from "./in-turn.ts";

test("work of one name is done in turn, also after a failure, and other work does not wait", async () => {
  const inTurn = new InTurn();
  const story: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const work = (name: string, until: Promise<unknown>) => async () => {
    story.push(`${name} begins`);
    await until;
    story.push(`${name} ends`);
  };
  const fails = inTurn.run("a", () => gate.promise.then(() => Promise.reject(new Error("once"))));
  const first = inTurn.run("a", work("first", gate.promise));
  const second = inTurn.run("a", work("second", Promise.resolve()));
  await inTurn.run("b", work("other", Promise.resolve()));
  expect(story).toEqual(["other begins", "other ends"]);
  gate.resolve(undefined);
  await expect(fails).rejects.toThrow("once");
  await Promise.all([first, second]);
  expect(story.slice(2)).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});

test("what comes while the second is under way waits for it, though the first is done", async () => {
  const inTurn = new InTurn();
  const gate = Promise.withResolvers<undefined>();
  const story: string[] = [];
  const first = inTurn.run("a", () => Promise.resolve());
  const second = inTurn.run("a", () => gate.promise.then(() => story.push("second")));
  await first;
  await new Promise(setImmediate);
  const third = inTurn.run("a", () => Promise.resolve(story.push("third")));
  gate.resolve(undefined);
  await Promise.all([second, third]);
  expect(story).toEqual(["second", "third"]);
});

test("what is done is forgotten, whether it succeeded or not", async () => {
  const inTurn = new InTurn();
  const fail = () => Promise.reject(new Error("once"));
  const all = [0, 1, 2].flatMap((name) => [
    inTurn.run(String(name), fail),
    inTurn.run(String(name), () => Promise.resolve()),
  ]);
  expect(inTurn.names).toBe(3);
  await Promise.allSettled(all);
  await new Promise(setImmediate);
  expect(inTurn.names).toBe(0);
});

import type { Measured } from "@tollhouse/aws/metric/measure";
import { RelayError } from "@tollhouse/core/outbox/relay";
import { expect, test } from "vitest";
import { tellRun } from "./tell-run.ts";

function world() {
  const measured: Measured[] = [];
  const told: unknown[] = [];
  const logger = {
    info: (...said: unknown[]) => told.push(said),
    warn: (...said: unknown[]) => told.push(said),
  };
  const tell = (run: Promise<{ done: number; refused: number }>) =>
    tellRun({ logger, measure: (each) => void measured.push(each) }, run);
  return { tell, measured, told };
}

test("a run is measured and told, and one with nothing to do only measured", async () => {
  const { tell, measured, told } = world();
  await tell(Promise.resolve({ done: 0, refused: 0 }));
  expect(told).toEqual([]);
  await tell(Promise.resolve({ done: 3, refused: 1 }));
  expect(measured).toEqual([
    { OutboxRelayed: 0, OutboxLeft: 0, RunsCompleted: 1 },
    { OutboxRelayed: 3, OutboxLeft: 1, RunsCompleted: 1 },
  ]);
  expect(JSON.stringify(told)).toContain("refused");
});

test("a run that failed is measured by what it did and left, has not come to its end, and still fails", async () => {
  const { tell, measured } = world();
  const failure = new RelayError([new Error("no bus")], { done: 2, left: 5 });
  await expect(tell(Promise.reject(failure))).rejects.toBe(failure);
  expect(measured).toEqual([{ OutboxRelayed: 2, OutboxLeft: 5 }]);
});

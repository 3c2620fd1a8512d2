import { inspect } from "node:util";
import { liveWithParent } from "@tollhouse/local/process/life";
import { measureCompute } from "./compute.ts";
import { measureIdle, measureRate } from "./cost.ts";
import { foldLoad, ingestLoad, prepareLoad } from "./load.ts";
import { measurePace } from "./pace.ts";
import { type Message, type Task, taskSchema } from "./task.ts";
import { measureUnits } from "./units.ts";

/** A process for one task, as a function has one: what it needs of processor and memory is the task's alone. */
const tell = (message: Message): void => void process.send?.(message);
const onProgress = (progress: string): void => tell({ progress });

async function carryOut(task: Task): Promise<unknown> {
  switch (task.do) {
    case "compute":
      return measureCompute(task, onProgress);
    case "pace":
      return measurePace(task, onProgress);
    case "units":
      return measureUnits(task);
    case "cost":
      return measureRate(task.rate, task.tables);
    case "idle":
      return measureIdle(task.tables);
    case "prepare":
      await prepareLoad(task.load, task.tables);
      return null;
    case "ingest":
      return ingestLoad(task.load, task.tables);
    case "fold":
      return foldLoad(task.sent, task.tables);
    default:
      return task satisfies never;
  }
}

process.once("message", (message) => {
  void carryOut(taskSchema.parse(message))
    .then((answer) => tell({ answer }))
    .catch((error: unknown) => tell({ failed: inspect(error) }));
});
liveWithParent(() => Promise.resolve());

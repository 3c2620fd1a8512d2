import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queues } from "@tollhouse/functions/manifest";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Places } from "./places.ts";
import { announceWorld, findWorld } from "./world-file.ts";

const at = (port: number): Places => ({
  storefrontUrl: "http://127.0.0.1:2/storefront",
  registrationUrl: `http://127.0.0.1:${port}/register`,
  webhookUrl: "http://127.0.0.1:6/sns",
  usageUrl: "http://127.0.0.1:7406/usage",
  lambdaUrl: "http://127.0.0.1:5",
  doctorName: "tollhouse-local-doctor",
  accessUrl: "http://127.0.0.1:5/access",
  inboxUrl: "http://127.0.0.1:7",
  simulatorUrl: "http://127.0.0.1:2",
  queuesUrl: "http://127.0.0.1:3",
  databaseUrl: "http://127.0.0.1:4",
  queueUrls: Object.fromEntries(
    [...Object.keys(queues), "seller-events"].map((queue) => [queue, `http://127.0.0.1:3/${queue}`]),
  ) as Places["queueUrls"],
  tableNames: { Lifecycle: "l", Metering: "m" },
  busName: "b",
  processes: [{ name: "queues", pid: 1 }],
});

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "root-"));
});
afterAll(() => rm(root, { recursive: true }));

test("commands find the world that was there first, while it runs", async () => {
  await expect(findWorld(root)).rejects.toThrow("No local world runs here. Start it with `npm start`");
  const first = await announceWorld(root, at(1));
  expect(await announceWorld(root, at(5))).toEqual({ kind: "taken", pid: process.pid });
  expect(await findWorld(root)).toEqual(at(1));
  const restarted = { ...at(1), processes: [{ name: "queues", pid: 2 }] };
  if (first.kind === "held") await first.update(restarted);
  expect(await findWorld(root)).toEqual(restarted);

  if (first.kind === "held") await first.release();
  await expect(findWorld(root)).rejects.toMatchObject({ code: "nothing-runs" });
});

test("a world whose process is gone is none", async () => {
  await announceWorld(root, at(1));
  const file = join(root, ".tollhouse", "world.json");
  const content = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...content, startTicks: "1" }));
  await expect(findWorld(root)).rejects.toMatchObject({ code: "nothing-runs" });
  expect(await announceWorld(root, at(5))).toMatchObject({ kind: "held" });
  expect(await findWorld(root)).toEqual(at(5));
});

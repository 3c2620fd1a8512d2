import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functionsOf } from "@tollhouse/aws/seller/duty";
import type { Finding } from "@tollhouse/core/doctor/finding";
import { functions } from "@tollhouse/functions/manifest";
import { announceWorld } from "@tollhouse/local/world-file";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import configuration from "../../tollhouse.config.ts";
import { hasJava } from "../java.ts";
import { ownBreaks } from "./doctor-own-break.ts";
import { sellerBreaks } from "./doctor-seller-break.ts";
import { type DoctorWorld, doctorWorld } from "./doctor-world.ts";

const root = new URL("../..", import.meta.url).pathname;
const main = join(root, "packages/cli/bin/tollhouse.mjs");

/** What is not as it should be; what the local world has not got is nothing of that. */
const complaints = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status !== "pass" && status !== "skipped");

const shownSchema = z.object({
  isSound: z.boolean(),
  findings: z.array(z.object({ id: z.string(), status: z.string(), detail: z.string() })),
});

it("every function that the seller's roles trust is one of the manifest", () => {
  expect(Object.keys(functions)).toEqual(expect.arrayContaining(Object.values(functionsOf).flat()));
});

describe.runIf(await hasJava("doctor"))("tollhouse doctor in a world of its own", () => {
  let world: DoctorWorld;
  let folder: string;
  let release = () => Promise.resolve();
  const tollhouse = (
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const env = { ...process.env, COLUMNS: "80", TOLLHOUSE_WORLD: folder, ...environment };
      execFile(process.execPath, [main, ...args], { cwd: root, env }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  beforeAll(async () => {
    world = await doctorWorld(configuration);
    folder = await mkdtemp(join(tmpdir(), "world-"));
    const announced = await announceWorld(folder, world.places);
    if (announced.kind === "held") ({ release } = announced);
  });
  afterAll(async () => {
    await release();
    await rm(folder, { recursive: true });
    await world.stop();
  });

  it("finds nothing in a sound world, and says what is not tried there", async () => {
    const { code, stdout, stderr } = await tollhouse(["doctor"]);
    expect(stdout).toMatch(/Of \d+ links of stage local \d+ hold, 5 are not tried here\.\n$/);
    expect(stdout).not.toMatch(/[✗?!] |\u001b|→/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stderr).toMatch(/^The local world's function tollhouse-local-doctor at http:/);
    expect(code).toBe(0);
  });

  it.each([...sellerBreaks, ...ownBreaks])(
    "names the link that does not hold, and its remedy, when $name",
    async (link) => {
      try {
        await link.break(world);
        const found = complaints(await world.examine());
        const hidden = found.filter(({ id }) => link.hides?.test(id));
        const seen = Object.fromEntries(
          found.filter((finding) => !hidden.includes(finding)).map((finding) => [finding.id, finding]),
        );
        expect(seen).toEqual(
          Object.fromEntries(
            Object.entries(link.found).map(([id, [status, detail, remedy]]) => [
              id,
              expect.objectContaining({
                status,
                detail: expect.stringMatching(detail) as unknown,
                remedy: expect.stringMatching(remedy) as unknown,
              }),
            ]),
          ),
        );
        expect(hidden.length > 0).toBe(link.hides !== undefined);
        expect(new Set(hidden.map(({ status }) => status))).toEqual(
          new Set(link.hides === undefined ? [] : ["unknown"]),
        );
      } finally {
        await link.mend(world);
      }
      expect(complaints(await world.examine())).toEqual([]);
    },
  );

  it("breaks every link that the local world has, at least once", async () => {
    const broken = new Set([...sellerBreaks, ...ownBreaks].flatMap(({ found }) => Object.keys(found)));
    // Of what there are several of, one stands for all.
    const kindOf = (id: string) =>
      id
        .replace(/^(roles)\.\w+\.(trust|actions|kit)$/, "$1.$2")
        .replace(/^(queues|tables)\.(?!dead|bus)\w+/, "$1")
        .replace(/^(marketplace\.\w+)\..*/, "$1")
        .replace(/^(notifications\.subscription)\..*/, "$1");
    const kinds = new Set([...broken].map(kindOf));
    const tried = (await world.examine()).filter(({ status }) => status !== "skipped");
    expect(tried.map(({ id }) => kindOf(id)).filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it("ends with 1 when a link is broken, for people and for programs", async () => {
    await world.changeAccount({ eventRule: null });
    const [text, json] = await Promise.all([tollhouse(["doctor"]), tollhouse(["doctor", "--json"])]);
    await world.restoreAccount();
    expect(text.stdout).toMatch(/✗ The seller's event rule is on[^✓]*has no rule[^✓]*→ /);
    expect(text.stdout).toMatch(/ 3 do not hold/);
    const { isSound, findings } = shownSchema.parse(JSON.parse(json.stdout));
    expect(isSound).toBe(false);
    expect(findings.find(({ id }) => id === "notifications.rule")?.status).toBe("fail");
    expect([text.code, json.code, json.stderr]).toEqual([1, 1, ""]);
  });

  it("ends with 0 when something only needs a look", async () => {
    await world.changeAccount({ aheadSeconds: 100 });
    const { code, stdout } = await tollhouse(["doctor"]);
    await world.restoreAccount();
    expect(stdout).toMatch(/! This machine's clock[^✓]*s behind AWS's/);
    expect(stdout).toMatch(/ 1 needs a look/);
    expect(code).toBe(0);
  });

  it("tells that the functions run on another configuration than the one that lies here", async () => {
    const loader = new URL("./other-configuration.ts", import.meta.url).href;
    const { code, stdout } = await tollhouse(["doctor", "--json"], { NODE_OPTIONS: `--import=${loader}` });
    const { findings } = shownSchema.parse(JSON.parse(stdout));
    const wrong = findings.filter(({ status }) => status === "fail");
    expect(wrong.map(({ id }) => id)).toEqual(["account.configuration"]);
    expect(wrong[0]?.detail).toMatch(/digest \w{16}, the one here \w{16}/);
    expect(code).toBe(1);
  });

  it("ends with 2 and a sentence where there is no doctor", async () => {
    const nobody = { TOLLHOUSE_WORLD: join(folder, "elsewhere") };
    const unreachable = {
      AWS_ENDPOINT_URL_LAMBDA: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: "TEST",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    const [noWorld, noFunction, noStage] = await Promise.all([
      tollhouse(["doctor"], nobody),
      tollhouse(["doctor", "--stage", "jane"], unreachable),
      tollhouse(["doctor", "--stage", "no stage"]),
    ]);
    const ended = [noWorld, noFunction, noStage];
    expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(ended.map(() => [2, ""]));
    expect(noWorld.stderr).toContain("npm start");
    expect(noFunction.stderr).toMatch(
      /function tollhouse-jane-doctor in us-east-1 cannot be asked.*\n.*lambda:InvokeFunction/,
    );
    expect(noStage.stderr).toMatch(/give up to 20 letters/);
    for (const { stderr } of ended) expect(stderr).not.toMatch(/^\s+at /m);
  });
});

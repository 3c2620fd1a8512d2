import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { problemsOf } from "./specification.ts";

const main = new URL("../../packages/cli/bin/tollhouse.mjs", import.meta.url).pathname;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "seller-kit-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a person would run it who has no AWS credentials, no world and another folder. */
const sellerKit = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env["PATH"], HOME: folder, COLUMNS: "100" } };
    execFile(process.execPath, [main, "seller-kit", ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

const answer = z.object({
  digest: z.string().regex(/^[0-9a-f]{16}$/),
  changed: z.boolean(),
  files: z.array(z.object({ path: z.string(), state: z.enum(["written", "replaced", "unchanged"]) })),
  deploy: z.string().startsWith("aws cloudformation deploy"),
});

describe("tollhouse seller-kit", () => {
  it("writes both files where it is run, without credentials, and then finds them unchanged", async () => {
    const first = await sellerKit();
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(first.stdout).toContain("for the seller account 111122223333; production is 444455556666.");
    expect(await readdir(join(folder, "seller-kit"))).toEqual([
      "tollhouse-seller.md",
      "tollhouse-seller.template.json",
    ]);
    const again = await sellerKit();
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("Nothing changed since it was written.");
  });

  it("writes a template that CloudFormation's specification takes", async () => {
    const { stdout } = await sellerKit("--out", "json", "--json");
    const { files, changed, digest } = answer.parse(JSON.parse(stdout));
    expect(changed).toBe(true);
    const template = files.find(({ path }) => path.endsWith(".json"));
    const text = await readFile(template?.path ?? "", "utf8");
    expect(text).toContain(digest);
    expect(problemsOf(JSON.parse(text))).toEqual([]);
  });

  it("ends with 1 and writes nothing over what it did not write", async () => {
    const out = join(folder, "strange");
    await sellerKit("--out", out);
    const page = join(out, "tollhouse-seller.md");
    await writeFile(page, "# Ours\n");
    const { code, stdout, stderr } = await sellerKit("--out", out);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${page} is there already`);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await readFile(page, "utf8")).toBe("# Ours\n");
    expect((await sellerKit("--out", out, "--overwrite")).code).toBe(0);
    expect(await readFile(page, "utf8")).toContain("# The seller account of tollhouse");
  });

  it.each([
    ["a stage that no role could be named by", ["--stage", "1st"], "up to 20 letters, digits and dashes"],
    ["a stage that is too long", ["--stage", "s".repeat(21)], "up to 20 letters, digits and dashes"],
    ["a folder that is a file", ["--out", main], "cannot be used"],
    ["an unknown option", ["--yaml"], "unknown option"],
  ])("ends with 2 at %s", async (_, args, said) => {
    const { code, stdout, stderr } = await sellerKit(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

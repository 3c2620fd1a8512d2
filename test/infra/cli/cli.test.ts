import { functions, type FunctionName } from "@tollhouse/functions/manifest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bundle } from "../bundle.ts";
import { root, sstFolder } from "../synth/platform.ts";
import { synth } from "../synth/synth.ts";
import { sstDiff } from "./diff.ts";

/**
 * The other tests of the stack compile it as SST's command line does. Here that command line itself runs, so that what only it
 * refuses is seen, and that both come to the same. Only AWS and the Pulumi engine are stood in for.
 */
describe("SST's own command line", async () => {
  const committed = readFileSync(path.join(root, "sst-env.d.ts"), "utf8");
  const { code, output, asked } = await sstDiff("production");

  it("accepts the program", () => {
    expect(code, output).toBe(0);
  });

  it("asks AWS for SST's own parameters and state, and for nothing else", () => {
    expect(new Set(asked)).toEqual(new Set(["AmazonSSM.GetParameter", "AmazonSSM.PutParameter", "S3 GET"]));
  });

  it("would make what the other tests look at", async () => {
    const { resources } = await synth("production");
    const shown = new Set(output.split("\n").flatMap((line) => /^\+ +(\S+) (aws:\S+)/.exec(line)?.[0] ?? []));
    const wanted = resources
      .filter(({ type }) => type.startsWith("aws:"))
      .map(({ name, type }) => `+  ${name} ${type.replace(/\/.*:/, ":")}`);
    expect([...shown].filter((line) => !line.includes("Sourcemap"))).toEqual(expect.arrayContaining(wanted));
    expect(wanted.length).toBeGreaterThan(80);
  });

  it("writes the types of what is linked as they are committed", () => {
    expect(readFileSync(path.join(root, "sst-env.d.ts"), "utf8")).toBe(committed);
  });

  const folder = mkdtempSync(path.join(tmpdir(), "tollhouse-bundle-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  it.each(Object.keys(functions) as FunctionName[])(
    "builds the bundle of %s that the other tests load",
    async (name) => {
      const ours = readFileSync(await bundle({ name, folder }), "utf8");
      const built = `${name.charAt(0).toUpperCase()}${name.slice(1)}Function-src`;
      const theirs = readFileSync(path.join(sstFolder, "artifacts", built, "bundle.mjs"), "utf8");
      expect(withoutBanner(ours)).toBe(withoutBanner(theirs));
    },
  );

  it("refuses a stage that the program refuses, in its words", async () => {
    const refused = await sstDiff("jane-and-all-her-friends");
    // Where there is nothing to make there is nothing to link, and the CLI writes that down.
    writeFileSync(path.join(root, "sst-env.d.ts"), committed);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain("use up to 20 letters, digits and dashes");
  });
});

/** The few lines that come before a module's own code say the same with other names. */
const withoutBanner = (code: string): string => code.slice(code.indexOf("\nvar "));

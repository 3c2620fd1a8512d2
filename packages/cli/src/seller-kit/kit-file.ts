import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Kit } from "@tollhouse/aws/seller/kit";
import { digestOf } from "@tollhouse/aws/seller/template";
import * as z from "zod";
import { CommandError } from "../failure.ts";

export const templateFile = "tollhouse-seller.template.json";
export const pageFile = "tollhouse-seller.md";

/** A file of the kit, and whether what lies in its place may be replaced by it. */
export interface KitFile {
  readonly name: string;
  readonly contents: string;
  /** Whether some contents are of a kit of the same stage, as this command wrote them and nobody since. */
  readonly isOurs: (contents: string) => boolean;
}

type Written = "written" | "replaced" | "unchanged";

export interface WrittenFile {
  readonly path: string;
  readonly state: Written;
}

/**
 * Writes the files into a folder, which is made if need be.
 * @throws CommandError before anything is written when something else lies there, or when the folder cannot be written to
 */
export async function writeFiles(
  folder: string,
  files: readonly KitFile[],
  overwrite: boolean,
): Promise<readonly WrittenFile[]> {
  const planned = await Promise.all(files.map((file) => plan(folder, file, overwrite)));
  await orSay(folder, () => mkdir(folder, { recursive: true }));
  for (const { path, state, contents } of planned)
    if (state !== "unchanged") await orSay(path, () => writeFile(path, contents));
  return planned.map(({ path, state }) => ({ path, state }));
}

async function plan(folder: string, { name, contents, isOurs }: KitFile, overwrite: boolean) {
  const path = resolve(join(folder, name));
  const there = await orSay(path, () => readIfThere(path));
  if (there !== undefined && there !== contents && !isOurs(there) && !overwrite)
    throw new CommandError(
      "refused",
      `${path} is there already and is not what this command wrote for this stage: it is another stage's, was edited, or is something else. Nothing was written. ` +
        `Name another folder with --out, or say --overwrite.`,
    );
  const state: Written = there === undefined ? "written" : there === contents ? "unchanged" : "replaced";
  return { path, state, contents };
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });

async function orSay<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw new CommandError(
      "wrong-usage",
      `${path} cannot be used (${codeOf(error)}): name another folder with --out.`,
    );
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "no reason given";

const marked = z.object({
  Metadata: z.object({
    Tollhouse: z.object({ installation: z.string(), stage: z.string(), digest: z.string().min(1) }),
  }),
});

export const templateFileOf = ({ text, installation }: Kit): KitFile => ({
  name: templateFile,
  contents: text,
  isOurs: (contents) => {
    const found = marked.safeParse(jsonOf(contents)).data?.Metadata.Tollhouse;
    return (
      found?.installation === installation.name &&
      found.stage === installation.stage &&
      digestOf(contents.replaceAll(found.digest, "")) === found.digest
    );
  },
});

/** A page says in its first line whose it is and what the rest of it was. */
export const pageFileOf = ({ stackName }: Kit, page: string): KitFile => {
  const signed = (text: string) =>
    `<!-- tollhouse seller-kit ${stackName} ${createHash("sha256").update(text).digest("hex")} -->\n${text}`;
  return {
    name: pageFile,
    contents: signed(page),
    isOurs: (contents) => signed(contents.slice(contents.indexOf("\n") + 1)) === contents,
  };
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Claim, claim } from "./claim.ts";
import { StartError } from "./failure.ts";

/** The folder that `--keep` means: a relative one starts where the person stood, not where npm runs us. */
export const keptFolder = (flag: string | true, root: string): string =>
  flag === true ? join(root, ".tollhouse") : resolve(process.env["INIT_CWD"] ?? process.cwd(), flag);

/**
 * Makes the folder this process's: two worlds in one would overwrite each other.
 * @throws StartError when another world is kept there now, or nothing can be
 */
export async function claimFolder(folder: string): Promise<Extract<Claim, { kind: "held" }>> {
  const held = await claimIn(folder).catch((error: unknown) => {
    throw new StartError(
      "folder-unusable",
      `Nothing can be kept in ${folder}: ${error instanceof Error ? error.message : String(error)}. Choose a folder that you may write to with --keep.`,
    );
  });
  if (held.kind === "held") return held;
  throw new StartError(
    "folder-in-use",
    `${folder} is in use: the npm start of process ${held.pid} keeps its world there. End it, or choose another folder with --keep.`,
  );
}

async function claimIn(folder: string): Promise<Claim> {
  await mkdir(join(folder, "database"), { recursive: true });
  return claim(join(folder, "lock.json"));
}

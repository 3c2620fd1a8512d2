import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Claim, claim, readClaim } from "./claim.ts";
import { StartError } from "./failure.ts";
import { type Places, placesSchema } from "./places.ts";

/** In the repository's root, ignored by git; there while `npm start` runs, so that commands find its world. */
const worldFile = (root: string): string => join(root, ".tollhouse", "world.json");

/** The first world's announcement stands; another's process is named. */
export type Announcement =
  | (Omit<Extract<Claim, { kind: "held" }>, "rewrite"> & {
      /** Says so again when a function's worker runs under another process id. */
      readonly update: (places: Places) => Promise<void>;
    })
  | Extract<Claim, { kind: "taken" }>;

/** Says where this process's world is, unless another world that runs has said so before: the first one stays. */
export async function announceWorld(root: string, places: Places): Promise<Announcement> {
  await mkdir(join(root, ".tollhouse"), { recursive: true });
  const startedAt = new Date().toISOString();
  const claimed = await claim(worldFile(root), { startedAt, places });
  if (claimed.kind === "taken") return claimed;
  const { rewrite, ...held } = claimed;
  return { ...held, update: (now) => rewrite({ startedAt, places: now }) };
}

/**
 * Where the world is that `npm start` runs.
 * @throws StartError when none does
 */
export async function findWorld(root: string): Promise<Places> {
  const places = placesSchema.safeParse((await readClaim(worldFile(root)))?.["places"]);
  if (places.success) return places.data;
  throw new StartError(
    "nothing-runs",
    "No local world runs here. Start it with `npm start` in another terminal, and wait for its screen.",
  );
}

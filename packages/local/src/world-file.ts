import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Claim, claim, readClaim } from "./claim.ts";
import { StartError } from "./failure.ts";
import { type Places, placesSchema } from "./places.ts";

/** In the repository's root, ignored by git; there while `npm start` runs, so that commands find its world. */
const worldFile = (root: string): string => join(root, ".tollhouse", "world.json");

/** Says where this process's world is, unless another world that runs has said so before: the first one stays. */
export async function announceWorld(root: string, places: Places): Promise<Claim> {
  await mkdir(join(root, ".tollhouse"), { recursive: true });
  return claim(worldFile(root), { startedAt: new Date().toISOString(), places });
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

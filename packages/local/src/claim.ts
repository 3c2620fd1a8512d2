import { readFile, rm, writeFile } from "node:fs/promises";
import * as z from "zod";

/**
 * A file that says which living process holds something. A pid alone may belong to another process by now, after a restart
 * of the machine above all; with the moment that process began, in clock ticks since boot, it cannot.
 */
const holderSchema = z.looseObject({ pid: z.int().positive(), startTicks: z.string() });
type Holder = z.output<typeof holderSchema>;

export type Claim =
  | { readonly kind: "held"; readonly release: () => Promise<void> }
  | { readonly kind: "taken"; readonly pid: number };

/**
 * Makes the file this process's, readable by its user alone; what a dead process left is taken over.
 * @throws whatever keeps the file from being written
 */
export async function claim(file: string, content: Readonly<Record<string, unknown>> = {}): Promise<Claim> {
  const text = JSON.stringify(
    { pid: process.pid, startTicks: await startTicks(process.pid), ...content },
    null,
    2,
  );
  for (;;) {
    try {
      await writeFile(file, `${text}\n`, { mode: 0o600, flag: "wx" });
      return { kind: "held", release: () => rm(file, { force: true }) };
    } catch (error) {
      if (!isThereAlready(error)) throw error;
    }
    const holder = await readClaim(file);
    if (holder !== undefined) return { kind: "taken", pid: holder.pid };
    await rm(file, { force: true });
  }
}

/** What the file says; `undefined` when there is none, or when the process that wrote it is gone. */
export async function readClaim(file: string): Promise<Holder | undefined> {
  const holder = holderSchema.safeParse(parse(await readFile(file, "utf8").catch(() => "")));
  if (!holder.success) return undefined;
  const { pid, startTicks: began } = holder.data;
  return (await startTicks(pid)) === began ? holder.data : undefined;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); `undefined` when the process is gone or only waits to be reaped. */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the program's name in parentheses, may itself hold spaces and parentheses.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" ? undefined : rest[18];
}

const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EEXIST";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";

/**
 * A file that says which living process holds something. A pid alone may belong to another process by now, after a restart
 * of the machine above all; with the moment that process began, in clock ticks since boot, it cannot.
 */
const holderSchema = z.looseObject({ pid: z.int().positive(), startTicks: z.string() });
type Holder = z.output<typeof holderSchema>;

export type Claim =
  | {
      readonly kind: "held";
      /** Says something else in the file, all at once: whoever reads it meanwhile finds the one or the other. */
      readonly rewrite: (content: Readonly<Record<string, unknown>>) => Promise<void>;
      readonly release: () => Promise<void>;
    }
  | { readonly kind: "taken"; readonly pid: number };

/**
 * Makes the file this process's, readable by its user alone; what a dead process left is taken over.
 * @throws whatever keeps the file from being written
 */
export async function claim(file: string, content: Readonly<Record<string, unknown>> = {}): Promise<Claim> {
  const holder = { pid: process.pid, startTicks: await startTicks(process.pid) };
  for (;;) {
    try {
      await writeFile(file, textOf({ ...holder, ...content }), { mode: 0o600, flag: "wx" });
      return held(file, holder);
    } catch (error) {
      if (!isThereAlready(error)) throw error;
    }
    const other = await readClaim(file);
    if (other !== undefined) return { kind: "taken", pid: other.pid };
    await rm(file, { force: true });
  }
}

/** One change after the other; once released, none any more. */
function held(file: string, holder: Readonly<Record<string, unknown>>): Claim {
  let last = Promise.resolve();
  let released = false;
  const next = (change: () => Promise<void>): Promise<void> => {
    last = last.catch(() => undefined).then(change);
    return last;
  };
  return {
    kind: "held",
    rewrite: (content) =>
      next(async () => {
        if (released) return;
        const draft = `${file}.new`;
        await writeFile(draft, textOf({ ...holder, ...content }), { mode: 0o600 });
        await rename(draft, file);
      }),
    release: () =>
      next(async () => {
        released = true;
        await rm(file, { force: true });
      }),
  };
}

const textOf = (content: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(content, null, 2)}\n`;

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

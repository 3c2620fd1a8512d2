import { UnreadableError } from "@tollhouse/core/doctor/examine";
import { doctorClientSettings } from "../client-settings.ts";

/** Whose credentials a reader has, and what mends it when they do not suffice. */
export interface Reading {
  /** `undefined`: the function's own role. */
  readonly credentials?: SessionCredentials | undefined;
  readonly who: string;
  /** What gives it the permission that it lacks. */
  readonly remedy: string;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Everything that doctor looks at is in the Region where the stack and AWS Marketplace's topics and events are. */
export const clientFor = ({ credentials }: Reading) => ({
  ...doctorClientSettings,
  region: "us-east-1",
  ...(credentials === undefined ? {} : { credentials }),
});

/** Makes a call; whatever is wrong with it is told as why the link could not be tried. @throws UnreadableError */
export async function read<Answer>(
  { who, remedy }: Reading,
  call: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const name = nameOf(error);
    if (isDenial(error)) throw new UnreadableError(`${who} may not call ${call} (${name}).`, remedy, error);
    throw new UnreadableError(
      `${call} failed (${name}): ${error instanceof Error ? error.message : String(error)}`,
      `Run doctor again; AWS may have been out of order or out of reach.`,
      error,
    );
  }
}

/** The same, with `undefined` for what is not there: errors of the given names say so. @throws UnreadableError */
export const readIfThere = <Answer>(
  reading: Reading,
  call: string,
  notThere: readonly string[],
  work: () => Promise<Answer>,
): Promise<Answer | undefined> =>
  read(reading, call, () =>
    work().catch((error: unknown) => {
      if (notThere.includes(nameOf(error))) return undefined;
      throw error;
    }),
  );

const denials = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

export const isDenial = (error: unknown): boolean => denials.has(nameOf(error));

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown");

/** Follows a list page by page. @throws UnreadableError beyond `maxPages` */
export async function allPages<Item>(
  call: string,
  maxPages: number,
  page: (token: string | undefined) => Promise<{
    readonly items: readonly Item[];
    readonly next: string | undefined;
  }>,
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  for (let count = 0; count < maxPages; count += 1) {
    const { items, next } = await page(token);
    all.push(...items);
    if (next === undefined || next === "") return all;
    token = next;
  }
  throw new UnreadableError(
    `${call} gave more than ${maxPages} pages; doctor reads no further.`,
    "Take away what is not needed any more, and run doctor again.",
  );
}

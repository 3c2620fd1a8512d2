import { type Refusal } from "../refusal.ts";
import { invalid } from "./record.ts";

export interface PageRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken?: string;
}

const tokenOf = (row: { key: string }): string => Buffer.from(row.key).toString("base64url");

/**
 * The rows after the one that `nextToken` names, of rows in the order of their keys: a row that comes or goes between
 * two pages moves no other. The keys must be sorted, and no two the same.
 */
export function pageOf<Row extends { readonly key: string }>(
  sorted: readonly Row[],
  { maxResults, nextToken }: PageRequest,
  limit: number,
): Page<Row> | { readonly refusal: Refusal } {
  if (maxResults !== undefined && !(maxResults >= 1 && maxResults <= limit))
    return { refusal: invalid(`maxResults must be between 1 and ${limit}`, "INVALID_MAX_RESULTS") };
  const after = nextToken === undefined ? undefined : Buffer.from(nextToken, "base64url").toString();
  if (after !== undefined && !/^[0-9a-z.-]+ \S+$/.test(after))
    return { refusal: invalid("nextToken is not one of this search", "INVALID_NEXT_TOKEN") };
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => key > after);
  const rows = rest.slice(0, maxResults ?? limit);
  const last = rows.at(-1);
  return last === undefined || rows.length === rest.length ? { rows } : { rows, nextToken: tokenOf(last) };
}

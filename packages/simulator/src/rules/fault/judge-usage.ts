import { drawOf } from "../identity.ts";
import { type Faults, strike } from "./fault.ts";

/** What a fault can tell records apart by. */
interface Named {
  readonly Dimension: string;
  readonly LicenseArn?: string | undefined;
}

/** Which of a good call's records are taken, and which AWS leaves unprocessed; each in the order they came in. */
export function leaveUnprocessed<Item extends { readonly record: Named }>(
  before: Faults,
  items: readonly Item[],
): { readonly faults: Faults; readonly taken: readonly Item[]; readonly left: readonly Item[] } {
  const [taken, left]: [Item[], Item[]] = [[], []];
  let faults = before;
  for (const item of items) {
    const { Dimension: dimension, LicenseArn: licenseArn } = item.record;
    const outcome = strike(faults, { on: "records", dimension, licenseArn });
    ({ faults } = outcome);
    (outcome.fault === undefined ? taken : left).push(item);
  }
  return { faults, taken, left };
}

/** The results in the order in which they are answered: the records' own, or, where a fault strikes, none in its place. */
export function orderResults<Result>(
  before: Faults,
  results: readonly Result[],
): { readonly faults: Faults; readonly results: readonly Result[] } {
  if (results.length < 2) return { faults: before, results };
  const { faults, fault } = strike(before, { on: "results" });
  if (fault === undefined) return { faults, results };
  let { drawn } = faults;
  const items = results.map((result, place) => ({ result, place }));
  // Sattolo's shuffle: one cycle through all places, so that everything moves.
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(drawOf(faults.seed, (drawn += 1)) * last);
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
  return { faults: { ...faults, drawn }, results: items.map(({ result }) => result) };
}

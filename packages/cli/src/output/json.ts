import { formatInstant, instant } from "@tollhouse/core/time/instant";

/** By the rule for names: `at`, `since` and whatever ends so hold instants. */
const holdsInstant = /^(at|since)$|(At|Since)$/;

/** The data as machines get it: instants as RFC 3339. */
export const asJson = (data: unknown): string =>
  JSON.stringify(
    data,
    (key, value: unknown) =>
      typeof value === "number" && holdsInstant.test(key) ? formatInstant(instant(value)) : value,
    2,
  );

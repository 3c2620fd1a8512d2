import { instant, type Instant, parseInstant } from "@tollhouse/core/time/instant";
import * as z from "zod";

/** The documentation's own examples have blanks around identifiers. */
export const text = z.string().trim().min(1).max(1_024);

/** AWS writes "nothing" as a missing field, as null and as an empty text. */
export const optionalText = z
  .string()
  .trim()
  .max(1_024)
  .nullish()
  .transform((value) => (value === null || value === "" ? undefined : value));

/** A flag is a text in SNS messages and a boolean in events. */
export const optionalFlag = z
  .union(
    [
      z.boolean(),
      z
        .string()
        .trim()
        .toLowerCase()
        .pipe(z.enum(["true", "false"])),
    ],
    {
      error: "is neither true nor false",
    },
  )
  .nullish()
  .transform((value) =>
    value === undefined || value === null ? undefined : value === true || value === "true",
  );

export const someInstant = text.transform((value, context): Instant => {
  const at = parseInstant(value);
  if (at === undefined) context.addIssue({ code: "custom", message: `${value} is no RFC 3339 instant` });
  return at ?? instant(0);
});

export const optionalInstant = someInstant.nullish().transform((value) => value ?? undefined);

/** Events of pay as you go end in the year 9999, where the Agreement API says null: either means that nothing ends. */
const noEndFrom = parseInstant("9999-01-01T00:00:00Z") ?? instant(0);

export const optionalEnd = optionalInstant.transform((at) =>
  at === undefined || at >= noEndFrom ? undefined : at,
);

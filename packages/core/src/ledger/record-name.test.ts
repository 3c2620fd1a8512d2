import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hour, licenseId } from "../memory/example.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { nameRecord, readRecordName, recordPlace } from "./record-name.ts";

const used = hour("2026-08-20T14");
const place = (subscriptionId: string, dimension: string) => ({
  key: { subscriptionId: subscriptionId as SubscriptionId, dimension },
  hour: used,
});
const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((one) => one.isWellFormed());

describe("a record's name", () => {
  test.each([
    [place(licenseId, "gb_stored"), `${licenseId}/gb_stored/2026-08-20T14`],
    [place("n0123examplemailer/X01", "emails_sent"), "n0123examplemailer/X01/emails_sent/2026-08-20T14"],
    [place("l-1", "gb/day (50%)"), "l-1/gb%2Fday%20%2850%25%29/2026-08-20T14"],
  ])("is what people can copy: %j is %s", (named, name) => {
    expect(nameRecord(named)).toBe(name);
    expect(readRecordName(name)).toEqual(named);
  });

  test("means one record, whatever texts its parts are", () => {
    fc.assert(
      fc.property(text, text, (subscription, dimension) => {
        const name = nameRecord(place(subscription, dimension));
        expect(readRecordName(name)).toEqual(place(subscription, dimension));
        expect(name).toMatch(/^[\w.:@=+,%/-]+$/);
      }),
    );
  });

  test.each(["2026-08-20T14:59:59Z", "2026-08-20T16:10:00+02:00"])("may end with the instant %s", (at) => {
    expect(readRecordName(`l-1/gb_stored/${at}`)).toEqual(place("l-1", "gb_stored"));
    expect(recordPlace("l-1", "50%", at)).toEqual(place("l-1", "50%"));
  });

  test.each([
    "",
    "l-1",
    "l-1/gb_stored",
    "l-1/gb_stored/noon",
    "/gb_stored/2026-08-20T14",
    "l-1//2026-08-20T14",
  ])("is not %j", (name) => {
    expect(readRecordName(name)).toBeUndefined();
  });
});

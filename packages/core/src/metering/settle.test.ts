import { describe, expect, test } from "vitest";
import { at, exampleConfiguration, hour } from "../memory/example.ts";
import { formatInstant } from "../time/instant.ts";
import { formatHour, hoursLater } from "../time/utc-hour.ts";
import { lastSettledHour, settledAt } from "./settle.ts";

const { settings } = exampleConfiguration;

describe("an hour has settled", () => {
  test.each([
    ["within a month, ten minutes after it has ended", "2026-08-20T14", {}, "2026-08-20T15:10:00.000Z"],
    ["at a month's end, at three o'clock on the first", "2026-08-31T23", {}, "2026-09-01T03:00:00.000Z"],
    ["the hour before that, as any other", "2026-08-31T22", {}, "2026-08-31T23:10:00.000Z"],
    [
      "with a long delay no later than the month's last hour",
      "2026-08-31T22",
      { settleDelayMinutes: 300 },
      "2026-09-01T03:00:00.000Z",
    ],
    [
      "at a month's end when the setting says",
      "2026-12-31T23",
      { monthEndSettleHour: 1 },
      "2027-01-01T01:00:00.000Z",
    ],
    [
      "two hours before AWS closes the month, whatever the setting says",
      "2026-08-31T23",
      { monthEndSettleHour: 5 },
      "2026-09-01T04:00:00.000Z",
    ],
    [
      "at once when the windows leave no time",
      "2026-08-31T23",
      { windowHours: 3 },
      "2026-09-01T00:10:00.000Z",
    ],
  ])("%s", (_, of, change, expected) => {
    expect(formatInstant(settledAt(hour(of), { ...settings, ...change }))).toBe(expected);
  });
});

describe("the last settled hour", () => {
  test.each([
    ["2026-08-20T15:09:59.999Z", "2026-08-20T13"],
    ["2026-08-20T15:10:00Z", "2026-08-20T14"],
    ["2026-08-20T16:09:59Z", "2026-08-20T14"],
    ["2026-09-01T00:09:00Z", "2026-08-31T22"],
    ["2026-09-01T02:59:59Z", "2026-08-31T22"],
    ["2026-09-01T03:00:00Z", "2026-09-01T01"],
  ])("at %s is %s", (now, expected) => {
    expect(formatHour(lastSettledHour(at(now), settings))).toBe(expected);
  });

  test.each([{}, { settleDelayMinutes: 300 }, { windowHours: 3 }, { monthEndSettleHour: 20 }])(
    "is the last before one that has not settled, at any minute around a month's end: %j",
    (change) => {
      const given = { ...settings, ...change };
      for (let minute = -120; minute < 600; minute += 1) {
        const now = at(formatInstant((at("2026-09-01T00:00:00Z") + minute * 60_000) as never));
        const last = lastSettledHour(now, given);
        expect(settledAt(last, given) <= now, formatHour(last)).toBe(true);
        const [next, nextButOne] = [hoursLater(last, 1), hoursLater(last, 2)];
        expect(settledAt(next, given) > now || settledAt(nextButOne, given) < settledAt(next, given)).toBe(
          true,
        );
      }
    },
  );
});

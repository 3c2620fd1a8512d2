import type { Finding } from "@tollhouse/core/doctor/finding";
import { instant } from "@tollhouse/core/time/instant";
import { expect, test } from "vitest";
import { plainPaint } from "../output/view.ts";
import { findingsText } from "./findings-text.ts";

const view = { width: 60, now: instant(0), paint: plainPaint };

test("what holds takes a line, what does not says why and what mends it, group by group", () => {
  const findings: Finding[] = [
    {
      id: "a",
      group: "queues",
      tried: "Intake gives up what keeps failing",
      status: "pass",
      detail: "5 times",
    },
    {
      id: "b",
      group: "roles",
      tried: "TollhouseMetering trusts the function meter alone, and asks for the external id",
      status: "fail",
      detail: "it does not trust the function meter, which somebody has to mend.",
      remedy: "Deploy the kit again: `npx tollhouse seller-kit` writes it.",
    },
    { id: "c", group: "queues", tried: "Dead letters", status: "warn", detail: "Two.", remedy: "Look." },
    { id: "d", group: "tables", tried: "Lifecycle", status: "skipped", detail: "Not needed." },
    { id: "e", group: "tables", tried: "Metering", status: "unknown", detail: "Denied.", remedy: "Allow." },
  ];
  expect(findingsText({ stage: "jane", isSound: false, findings }, view).split("\n")).toEqual([
    "Roles in the seller's account",
    "  ✗ TollhouseMetering trusts the function meter alone, and",
    "    asks for the external id",
    "      it does not trust the function meter, which somebody",
    "      has to mend.",
    "      → Deploy the kit again: `npx tollhouse seller-kit`",
    "        writes it.",
    "",
    "Queues",
    "  ✓ Intake gives up what keeps failing",
    "  ! Dead letters",
    "      Two.",
    "      → Look.",
    "",
    "Tables",
    "  – Lifecycle",
    "      Not needed.",
    "  ? Metering",
    "      Denied.",
    "      → Allow.",
    "",
    "Of 5 links of stage jane 1 holds, 1 does not hold, 1 could",
    "not be tried, 1 needs a look, 1 is not tried here.",
  ]);
});

test("colour is put around what is wrong, and changes no line", () => {
  const finding: Finding = {
    id: "a",
    group: "clock",
    tried: "Clocks agree",
    status: "fail",
    detail: "No.",
    remedy: "NTP.",
  };
  const painted = findingsText(
    { stage: "jane", isSound: false, findings: [finding] },
    { ...view, paint: { ...plainPaint, warn: (text) => `<${text}>` } },
  );
  expect(painted).toContain("  <✗> Clocks agree\n      <No.>\n      → NTP.");
});

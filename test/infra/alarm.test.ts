import { metrics } from "@tollhouse/aws/metric/metric";
import { functions, queues } from "@tollhouse/functions/manifest";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { alarmInput } from "../../infra/alarm-input.ts";
import { alarms } from "../../infra/alarm-table.ts";
import { picture } from "./picture.ts";
import { root } from "./synth/platform.ts";
import { edited, synth } from "./synth/synth.ts";

const page = readFileSync(path.join(root, "docs/operations.md"), "utf8");
/** What the page says under each heading of an alarm. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading = "", ...lines] = part.split("\n");
      return [heading.trim(), lines.join("\n").replace(/\s+/g, " ")] as const;
    }),
);
const installation = { name: "tollhouse", stage: "production", apiIds: { registration: "a", usage: "b" } };

describe.each(alarms.map((alarm) => [alarm.name, alarm] as const))("the alarm %s", (name, alarm) => {
  it("is explained in docs/operations.md: impact, and a command to type", () => {
    const section = sections.get(alarm.heading) ?? "";
    expect(section).toContain(alarm.impact);
    expect(section).toMatch(/`(npx tollhouse|aws) [^`]+`/);
    if (name !== alarm.heading) expect(section).toContain(`\`${name}\``);
  });

  it("has a description of impact and remedy that CloudWatch takes, and that points to the page", () => {
    const { alarmDescription } = alarmInput(installation, alarm);
    expect(alarmDescription).toMatch(/^Impact: .+\. Remedy: .+\. See docs\/operations\.md#[a-z0-9-]+$/);
    // CloudWatch API reference, PutMetricAlarm.
    expect(alarmDescription.length).toBeLessThanOrEqual(1_024);
  });

  it("looks at no more metrics, and no further back, than CloudWatch does", () => {
    const { metricQueries = [] } = alarmInput(installation, alarm);
    // PutMetricAlarm: an expression has at most 10 metrics; a day, or with periods of an hour a week.
    expect(metricQueries.length).toBeLessThanOrEqual(11);
    const daysBack = (alarm.periodMinutes * alarm.periods) / 1_440;
    expect(daysBack).toBeLessThanOrEqual(alarm.periodMinutes >= 60 ? 7 : 1);
  });
});

describe("the alarms", () => {
  const watched = alarms.flatMap((alarm) => alarm.watched);

  it("have names of their own", () => {
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length);
  });

  it("look at every queue, dead-letter queue and function there is", () => {
    const names = watched.flatMap((one) =>
      "ageOf" in one
        ? [`age ${one.ageOf}`]
        : "deadLetterOf" in one
          ? [`dead ${one.deadLetterOf}`]
          : "ofFunction" in one
            ? [`${one.metric} ${one.ofFunction}`]
            : [],
    );
    const wanted = [
      ...Object.keys(queues).flatMap((queue) => [`age ${queue}`, `dead ${queue}`]),
      "dead Schedule",
      ...Object.keys(functions).flatMap((name) => [`Errors ${name}`, `Throttles ${name}`]),
    ];
    expect(names.toSorted()).toEqual(wanted.toSorted());
  });

  it("miss every schedule there is, and take its silence for a failure", () => {
    const scheduled = Object.entries(functions).flatMap(([name, { sources }]) =>
      sources.flatMap((source) =>
        source.kind === "schedule" ? [{ name, everyMinutes: source.everyMinutes }] : [],
      ),
    );
    for (const { name, everyMinutes } of scheduled) {
      const alarm = alarms.find((one) => one.name === `missed-${name}`);
      expect(alarm).toMatchObject({
        missing: "breaching",
        alarmWhen: "below",
        threshold: 1,
        statistic: "Sum",
      });
      expect(metrics.RunsCompleted.of).toContain(name);
      const patience = (alarm?.periodMinutes ?? 0) * (alarm?.periods ?? 0);
      expect(patience).toBeGreaterThan(everyMinutes);
      expect(patience).toBeLessThanOrEqual(Math.max(10, 3 * everyMinutes));
    }
  });

  it("take no silence of the watch for good news", () => {
    const gauges = alarms.filter((alarm) =>
      alarm.watched.some(
        (one) =>
          "own" in one && one.own !== "RunsCompleted" && metrics[one.own].of.some((by) => by === "watch"),
      ),
    );
    expect(gauges.length).toBeGreaterThan(8);
    expect(new Set(gauges.map(({ missing }) => missing))).toEqual(new Set(["ignore"]));
  });
});

it("tell whom the configuration names, by e-mail", async () => {
  const overlay = edited(
    "tollhouse.config.ts",
    "  registrationPage: {",
    `  operations: { alarmEmails: ["ops@example.com", "owner@example.com"] },\n  registrationPage: {`,
  );
  const production = picture(await synth("production", { overlay }));
  expect(production.topics["tollhouse-production-alarms"]?.told).toEqual([
    "email ops@example.com",
    "email owner@example.com",
  ]);
  expect(picture(await synth("jane", { overlay })).topics).toEqual({});
});

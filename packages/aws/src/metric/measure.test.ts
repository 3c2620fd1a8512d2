import { afterEach, expect, test, vi } from "vitest";
import { makeMeasure } from "./measure.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What is written while something is measured, line by line. */
function written(namespace: string, ...measured: Parameters<ReturnType<typeof makeMeasure>>[]): unknown[] {
  vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", namespace);
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "meter");
  const lines: unknown[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
  const measure = makeMeasure();
  for (const each of measured) measure(...each);
  return lines;
}

test("is one line in Embedded Metric Format, with unit, namespace and the function as its service", () => {
  const [line, ...others] = written("Tollhouse/tollhouse-jane", [
    { RecordsAccepted: 3, RecordsConflicting: 0 },
  ]);
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    ...{ service: "meter", RecordsAccepted: 3, RecordsConflicting: 0 },
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: "Tollhouse/tollhouse-jane",
          Dimensions: [["service"]],
          Metrics: [
            { Name: "RecordsAccepted", Unit: "Count" },
            { Name: "RecordsConflicting", Unit: "Count" },
          ],
        },
      ],
    },
  });
});

test("tells each measure by itself, nothing of the one before", () => {
  const lines = written("Tollhouse/tollhouse-jane", [{ WriteOffs: 1 }], [{ OldestUsageHours: 1.25 }], [{}]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ OldestUsageHours: 1.25 });
  expect(lines[1]).not.toHaveProperty("WriteOffs");
});

test("tells nobody where there is no namespace: a command is no function", () => {
  expect(written("", [{ WriteOffs: 1 }])).toEqual([]);
});

import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { describeLine } from "./log-line.ts";

const described = (line: unknown, columns?: number) =>
  describeLine("relay", typeof line === "string" ? line : JSON.stringify(line), columns).map((text) =>
    stripVTControlCharacters(text),
  );

test("a log line tells who, what, and the fields that matter", () => {
  const line = {
    level: "INFO",
    message: "Relay ran",
    timestamp: "2026-08-20T14:00:00Z",
    sent: 3,
    failed: 0,
    ids: [],
  };
  expect(described(line)).toEqual(["relay        Relay ran  sent=3"]);
});

test("an error is told by its message, without its stack", () => {
  const error = { name: "ThrottlingException", location: "/a/b.js:1", message: "Slow down", stack: "at …" };
  expect(described({ level: "ERROR", message: "Send failed", error })).toEqual([
    "relay        Send failed  error=ThrottlingException: Slow down",
  ]);
});

test("a long line is broken at spaces and no wider than the terminal", () => {
  const lines = described({ level: "WARN", message: "word ".repeat(40).trim() }, 60);
  expect(lines.length).toBeGreaterThan(3);
  for (const [index, line] of lines.entries()) {
    expect(line.length).toBeLessThanOrEqual(60);
    expect(line).toMatch(index === 0 ? /^relay {8}word/ : /^ {13}word/);
  }
});

test("a word that is wider than the terminal stays whole", () => {
  const url = `http://127.0.0.1/${"x".repeat(80)}`;
  expect(described({ level: "INFO", message: `see ${url}` }, 60)).toEqual([
    "relay        see",
    `             ${url}`,
  ]);
});

test("an endless value is cut, and says so", () => {
  const [line = ""] = described({ level: "ERROR", message: "Failed", body: "x".repeat(5_000) }).slice(-1);
  expect(line).toMatch(/x{300}…$/);
});

test("a line that is no log keeps its words", () => {
  expect(described("Error: it   broke")).toEqual(["relay        Error: it broke"]);
  expect(described('{"no":"log"}')).toEqual(['relay        {"no":"log"}']);
});

test("a run of the meter that found nothing to do is not told", () => {
  expect(described({ level: "INFO", message: "Meter ran", sealed: 0, isMore: false })).toEqual([]);
});

test("metrics, which only CloudWatch reads, are not told", () => {
  const metric = {
    _aws: { Timestamp: 1, CloudWatchMetrics: [{ Namespace: "Tollhouse/x" }] },
    service: "relay",
  };
  expect(described({ ...metric, OutboxRelayed: 3 })).toEqual([]);
});

test("a look at what waits is told by its warnings alone", () => {
  expect(described({ level: "INFO", message: "Watched", nearestDeadlineMinutes: 1_440 })).toEqual([]);
  const held = { level: "WARN", message: "A product is held", reason: "the role does not exist" };
  expect(described(held)).toEqual(["relay        A product is held  reason=the role does not exist"]);
});

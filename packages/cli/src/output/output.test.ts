import { at } from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { harmless } from "./harmless.ts";
import { asJson } from "./json.ts";
import { indented, nameValues, wrap } from "./paragraph.ts";
import { type Column, table } from "./table.ts";
import { relative } from "./time.ts";
import { plainPaint, widthOf } from "./view.ts";

const now = at("2026-08-20T12:00:00Z");

describe("an age", () => {
  test.each([
    ["2026-08-20T12:00:00.999Z", "now"],
    ["2026-08-20T11:59:01Z", "59 s ago"],
    ["2026-08-20T11:00:01Z", "59 min ago"],
    ["2026-08-20T11:00:00Z", "1 hour ago"],
    ["2026-08-19T12:00:01Z", "23 hours ago"],
    ["2026-08-20T12:03:59Z", "in 3 min"],
    ["2024-08-20T12:00:00Z", "2 years ago"],
  ])("of %s is %s", (text, expected) => {
    expect(relative(at(text), now)).toBe(expected);
  });
});

interface Row {
  readonly id: string;
  readonly note: string;
}
const columns: readonly Column<Row>[] = [
  { head: "ID", cell: ({ id }) => id },
  { head: "WHEN", cell: () => "yesterday", leaveOut: 1 },
  { head: "NOTE", cell: ({ note }) => note, least: 5 },
];
const rows: readonly Row[] = [
  { id: "l-0123456789abcdef", note: "a note that is rather long" },
  { id: "l-1", note: "short" },
];
const drawn = (width: number) => table(columns, rows, { width, now, paint: plainPaint });

describe("a table", () => {
  test.each([36, 30, 25, 20])("is never wider than %i columns, and shows ids whole", (width) => {
    const text = drawn(width);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    for (const { id } of rows) expect(text).toContain(id);
  });

  test("leaves out and cuts only as much as it must", () => {
    expect(drawn(60)).toContain("a note that is rather long");
    expect(drawn(60)).toContain("yesterday");
    expect(drawn(36)).toContain("yesterday");
    expect(drawn(36)).toMatch(/a no…$/m);
    expect(drawn(35)).not.toContain("yesterday");
    expect(drawn(35)).toMatch(/a note that.*…$/m);
  });

  test("that cannot fit becomes blocks, with every value", () => {
    expect(drawn(20)).toBe(
      [
        "l-0123456789abcdef",
        "  when  yesterday",
        "  note  a note that",
        "        is rather",
        "        long",
        "",
        "l-1",
        "  when  yesterday",
        "  note  short",
      ].join("\n"),
    );
  });

  test("ends no line in spaces", () => {
    expect(drawn(60)).not.toMatch(/ $/m);
  });
});

describe("a paragraph", () => {
  test("breaks between words, never inside an id or an instant", () => {
    const id = "l-0123456789abcdef0123456789abcdef";
    expect(wrap(`since 2026-08-20 14:23:11Z under ${id}`, 20)).toEqual([
      "since",
      "2026-08-20 14:23:11Z",
      "under",
      id,
    ]);
  });

  test("goes on under what follows its dot or arrow", () => {
    expect(indented("→ one two three", 2, 11)).toEqual(["  → one", "    two", "    three"]);
    expect(indented("one two three", 2, 11)).toEqual(["  one two", "  three"]);
  });

  test("leaves out what is not known", () => {
    expect(
      nameValues(
        [
          ["a", "1"],
          ["longer", undefined],
          ["b", ""],
        ],
        80,
      ),
    ).toEqual(["a  1"]);
  });
});

test("a stranger's text moves no cursor and turns no line round, at whatever depth", () => {
  expect(harmless({ reason: ["a\u001b[2Jb\u0007", "c\u202ed"], count: 3, line: "e\nf" })).toEqual({
    reason: ["a\ufffd[2Jb\ufffd", "c\ufffdd"],
    count: 3,
    line: "e f",
  });
});

test("machines get instants as RFC 3339, and every other number as it is", () => {
  const data = { at: now, grant: { since: now, cutAt: now }, emptySince: now, version: 3, value: 25 };
  const text = "2026-08-20T12:00:00.000Z";
  expect(JSON.parse(asJson(data))).toEqual({
    at: text,
    grant: { since: text, cutAt: text },
    emptySince: text,
    version: 3,
    value: 25,
  });
});

test("the width is the terminal's, else what COLUMNS says, else a pipe's", () => {
  expect(widthOf({ columns: 97 }, "60")).toBe(97);
  expect(widthOf({}, "60")).toBe(60);
  expect(widthOf({}, undefined)).toBe(120);
  expect(widthOf({ columns: 0 }, undefined)).toBe(120);
  expect(widthOf({ columns: 3 }, undefined)).toBe(40);
});

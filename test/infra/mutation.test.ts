import { describe, expect, it } from "vitest";
import { expected } from "./expected.ts";
import { mutations } from "./mutation-table.ts";
import { picture } from "./picture.ts";
import { edited, synth } from "./synth/synth.ts";

describe("a mistake in the infrastructure", () => {
  it.each(mutations)("is caught: $name", async ({ file, from, to, caughtBy }) => {
    const { errors, ...synthesis } = await synth("production", { overlay: edited(file, from, to) });
    // The program still runs, so it is the assertion that catches the mistake and not a crash.
    expect(errors).toEqual([]);
    const seen = picture({ errors, ...synthesis });
    expect(seen[caughtBy]).not.toEqual(expected("production", true)[caughtBy]);
  });

  it("has been tried against every section of the picture", () => {
    expect(new Set(mutations.map(({ caughtBy }) => caughtBy))).toEqual(
      new Set(Object.keys(expected("production", true))),
    );
  });
});

import { expect, test } from "vitest";
import { configurationIn } from "./configuration.ts";

test("a configuration file without a default export is refused with what to write", () => {
  expect(() => configurationIn({})).toThrow(
    "tollhouse.config.ts has no default export: write `export default",
  );
});

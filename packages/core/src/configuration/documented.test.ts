import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { exampleConfiguration } from "../memory/example.ts";

const page = await readFile(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");

test.each(Object.entries(exampleConfiguration.settings))(
  "the default of settings.%s is documented",
  (name, value) => {
    const shown = Array.isArray(value) ? "4 from the start" : `\`${JSON.stringify(value)}\``;
    const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\` `));
    expect(line?.split("|")[2]?.trim()).toBe(shown);
  },
);

test.each(["metering", "startAt", "metersByLicenseFrom", "dimensions[].includedIn", "plans"])(
  "the product's %s is documented",
  (name) => {
    expect(page).toContain(`| \`${name}\``);
  },
);

test.each(Object.entries(exampleConfiguration.operations))(
  "the default of operations.%s is documented",
  (name, value) => {
    const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\` `));
    expect(line?.split("|")[2]?.trim()).toBe(`\`${JSON.stringify(value)}\``);
  },
);

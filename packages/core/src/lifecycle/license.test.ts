import { describe, expect, test } from "vitest";
import { licenseIdOf } from "./license.ts";

const id = "l-0123456789abcdef0123456789abcdef";

describe("a license", () => {
  test.each([
    id,
    ` ${id} `,
    `arn:aws:license-manager::294406891311:license:${id}`,
    `arn:aws:license-manager::294406891311:license/${id}`,
    `arn:aws:license-manager:us-east-1:294406891311:license:${id}`,
    `aws:license-manager:us-east-1:294406891311:license:${id}`,
    `aws:license-manager::294406891311:license:${id}`,
  ])("spelled %j is the same license", (text) => {
    expect(licenseIdOf(text)).toBe(id);
  });

  test("in the spelling of AWS's samples keeps its own prefix", () => {
    expect(licenseIdOf("arn:aws:license-manager::1:license/lic-0123456789abcdef")).toBe(
      "lic-0123456789abcdef",
    );
  });

  test.each([
    "",
    "l-",
    "l-short",
    "arn:aws:license-manager::294406891311:license:",
    `${id}:more`,
    `${id} and more`,
    `cus-${id}`,
    `xl-0123456789abcdef`,
    "L-0123456789abcdef",
    "arn:aws:license-manager::294406891311:license:l-0123!56789",
  ])("%j names none", (text) => {
    expect(licenseIdOf(text)).toBeUndefined();
  });
});

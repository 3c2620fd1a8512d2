import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { initialState } from "../rules/state.ts";
import { Story } from "../rules/story.ts";
import { readStateFile } from "./state-file.ts";

it("a file of an earlier version is completed: what its records were reported by, and where, is in their keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "simulator-state-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const story = new Story();
  const agreement = story.buys("old-metered");
  const emails = { Dimension: "emails" };
  story.meters([Story.record(agreement, emails)], { region: "eu-west-1" });
  const byCode = Story.record(agreement, { ...emails, LicenseArn: undefined });
  story.meters({ ProductCode: "old-metered", UsageRecords: [byCode] });

  const state: Record<string, unknown> = structuredClone({ ...story.state, records: {} });
  delete state["optIns"];
  const records = Object.entries(story.state.records).map(([key, record]) => [
    key,
    { ...record, region: undefined, by: undefined, allocations: "" },
  ]);
  const path = join(folder, "state.json");
  const old = { ...state, records: Object.fromEntries(records) as object };
  const signingKey = { privateKeyPem: "", certificatePem: "" };
  writeFileSync(path, JSON.stringify({ version: 1, clock: { nowMs: 0, rate: 1 }, signingKey, state: old }));

  expect(readStateFile(path)?.state).toEqual({ ...initialState(), ...story.state });
  expect(Object.values(story.state.records).map(({ region, by }) => [region, by])).toEqual([
    ["eu-west-1", "license"],
    ["us-east-1", "product-code"],
  ]);
});

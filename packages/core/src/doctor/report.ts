import { createHash } from "node:crypto";
import * as z from "zod";
import type { Configuration } from "../configuration/configuration.ts";
import { fail, type Finding, findingSchema, pass } from "./finding.ts";

/** What the function answers. */
export const reportSchema = z
  .object({
    stage: z.string(),
    /** Of the configuration that the function was deployed with. */
    configurationDigest: z.string(),
    findings: z.array(findingSchema).readonly(),
  })
  .readonly();
export type Report = z.output<typeof reportSchema>;

/** The same for the same settings, whatever their order. */
export const configurationDigest = (configuration: Configuration): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(configuration)))
    .digest("hex")
    .slice(0, 16);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  );
}

/** Whether the function runs on the settings that lie here. Only who asks can tell. */
export function compareConfiguration(
  { configurationDigest: deployed }: Report,
  here: Configuration,
  remedy: string,
): Finding {
  const digest = configurationDigest(here);
  return {
    id: "account.configuration",
    group: "account",
    tried: "The functions run on the tollhouse.config.ts that lies here",
    ...(digest === deployed
      ? pass(`Both have the digest ${digest}.`)
      : fail(
          `The functions' configuration has the digest ${deployed}, the one here ${digest}: all other findings judge by the functions' one.`,
          remedy,
        )),
  };
}

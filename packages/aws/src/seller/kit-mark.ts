import type { Installation } from "./duty.ts";

/** Goes up by one with every change of what the kit makes, so that people and doctor can name what is deployed. */
export const kitVersion = 2;

/** The tags by which a resource of the kit says whose it is and what it was made from. doctor reads a role's. */
export const tagNames = {
  installation: "tollhouse:installation",
  stage: "tollhouse:stage",
  kitVersion: "tollhouse:kit-version",
  kitDigest: "tollhouse:kit-digest",
} as const;

/** What every part of a kit is marked with. */
export interface Mark {
  readonly installation: Installation;
  readonly digest: string;
}

export const tagsOf = ({ installation, digest }: Mark) => [
  { Key: tagNames.installation, Value: installation.name },
  { Key: tagNames.stage, Value: installation.stage },
  { Key: tagNames.kitVersion, Value: String(kitVersion) },
  { Key: tagNames.kitDigest, Value: digest },
];

import { isStageName, maxStageLength } from "@tollhouse/aws/seller/stage";

const permanent = "production";

/** A permanent stage keeps its tables when it is removed, and refuses to be removed by accident. */
export const isPermanent = (stage: string): boolean => stage === permanent;

export function checkStage(stage: string): void {
  if (isStageName(stage)) return;
  throw new Error(
    `The stage "${stage}" is no part of a role's name: use up to ${maxStageLength} letters, digits and dashes, e.g. --stage jane.`,
  );
}

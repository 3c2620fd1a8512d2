import { isStageName, maxStageLength } from "@tollhouse/aws/seller/stage";

export { isPermanent } from "@tollhouse/functions/manifest";

export function checkStage(stage: string): void {
  if (isStageName(stage)) return;
  throw new Error(
    `The stage "${stage}" is no part of a role's name: use up to ${maxStageLength} letters, digits and dashes, e.g. --stage jane.`,
  );
}

import { isStageName, maxStageLength } from "@tollhouse/aws/seller/stage";
import { InvalidArgumentError } from "commander";

/** What `--stage` names. @throws InvalidArgumentError for what no role could be named by */
export function stageFrom(text: string): string {
  if (isStageName(text)) return text;
  throw new InvalidArgumentError(
    `give up to ${maxStageLength} letters, digits and dashes, as \`sst deploy --stage\` takes them`,
  );
}

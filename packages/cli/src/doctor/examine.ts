import { askDoctor, type DoctorPlace } from "@tollhouse/aws/doctor/invoke";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { isSound } from "@tollhouse/core/doctor/finding";
import { remediesOf } from "@tollhouse/core/doctor/remedy";
import { compareConfiguration } from "@tollhouse/core/doctor/report";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { type Examined, findingsText } from "./findings-text.ts";
import { remedyOf, sentenceOf } from "./place.ts";

/**
 * Lets the function doctor try every link, and adds what only we can tell.
 * @throws CommandError when it cannot be reached, or when it broke
 */
export async function examine(place: DoctorPlace, configuration: Configuration): Promise<Answer<Examined>> {
  const answer = await askDoctor(place);
  if (answer.kind === "not-reached")
    throw new CommandError(
      "unreachable",
      `${sentenceOf(place)} cannot be asked: ${answer.reason}\n${remedyOf(place)}`,
    );
  if (answer.kind === "failed")
    throw new CommandError(
      "broken",
      `${sentenceOf(place)} broke before it could report: ${answer.reason}\nIts log says where. If it is of another version than this command, deploy the stack again.`,
    );
  const { report } = answer;
  const { deployStack } = remediesOf(report.stage, place.kind === "aws" ? "aws" : "local");
  const own = compareConfiguration(report, configuration, deployStack);
  const findings = [own, ...report.findings];
  return {
    data: { stage: report.stage, isSound: isSound(findings), findings },
    text: findingsText,
    isWrong: !isSound(findings),
  };
}

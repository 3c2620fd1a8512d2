import { resolve } from "node:path";
import type { DoctorPlace } from "@tollhouse/aws/doctor/invoke";
import { resourceName } from "@tollhouse/aws/seller/duty";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findWorld } from "@tollhouse/local/world-file";

const repository = resolve(import.meta.dirname, "../../../..");

/**
 * The doctor of a deployed stage, else that of the local world.
 * @throws StartError when no stage was named and no local world runs
 */
export async function doctorPlace(
  { name }: Pick<Configuration, "name">,
  { stage, region }: { readonly stage?: string | undefined; readonly region: string },
): Promise<DoctorPlace> {
  if (stage !== undefined)
    return { kind: "aws", functionName: resourceName({ name, stage }, "doctor"), region };
  const { lambdaUrl, doctorName } = await findWorld(process.env["TOLLHOUSE_WORLD"] ?? repository);
  return { kind: "local-world", functionName: doctorName, endpoint: lambdaUrl };
}

/** Which doctor that is, for people. */
export const sentenceOf = (place: DoctorPlace): string =>
  place.kind === "aws"
    ? `The function ${place.functionName} in ${place.region}`
    : `The local world's function ${place.functionName} at ${place.endpoint}`;

/** What to do when nobody answers there. */
export const remedyOf = (place: DoctorPlace): string =>
  place.kind === "aws"
    ? "Check the stage, the Region (--region) and your AWS credentials, e.g. with `aws sts get-caller-identity`: they need lambda:InvokeFunction on it, in the production account."
    : "Is the local world just starting or ending? Look at the screen of `npm start`.";

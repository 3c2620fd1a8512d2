import { remoteClock, systemClock } from "@tollhouse/aws/clock/clock";
import { certificateOrigin } from "@tollhouse/aws/sns/certificate";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Clock } from "@tollhouse/core/time/clock";
import { secondMs } from "@tollhouse/core/time/instant";

/** A function was started without a variable that the stack sets; see `manifest.ts`. */
class EnvironmentError extends Error {
  readonly code = "environment-incomplete";
  constructor(missing: readonly string[]) {
    super(
      `The function's environment lacks ${missing.join(", ")}. Deploy the stack again, or start it with npm start.`,
    );
    this.name = "EnvironmentError";
  }
}

/** Reads the named variables, once, when the function starts. @throws EnvironmentError naming all that are missing */
export function readEnvironment<const Name extends string>(
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => (process.env[name] ?? "") === "");
  if (missing.length > 0) throw new EnvironmentError(missing);
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""])) as Record<Name, string>;
}

/** The system's clock, or the one that the local world names. */
export function clockOfWorld(): Clock {
  const url = process.env["TOLLHOUSE_CLOCK_URL"];
  return url === undefined ? systemClock : remoteClock(url);
}

/** How long the lease of a run that died holds up the next; less in the local world, where an hour may pass within seconds. */
export function leaseMsOfWorld(): number | undefined {
  const seconds = process.env["TOLLHOUSE_LEASE_SECONDS"];
  return seconds === undefined ? undefined : Number(seconds) * secondMs;
}

/** After how long, at most, a message comes back whose worker died; the local world does not wait as long as AWS. */
export const longestVisibilityOfWorld = (): number =>
  Number(process.env["TOLLHOUSE_VISIBILITY_SECONDS"] ?? Number.POSITIVE_INFINITY);

/** Where buyers are handed to: the configuration's pages, or the ones that the local world has in their place. */
export function sellerPagesOfWorld(configuration: Configuration): Configuration {
  const continueUrl = process.env["TOLLHOUSE_CONTINUE_URL"];
  const loginUrl = process.env["TOLLHOUSE_LOGIN_URL"];
  const { registrationPage } = configuration;
  return {
    ...configuration,
    registrationPage: {
      ...registrationPage,
      ...(continueUrl !== undefined && { continueUrl }),
      ...(loginUrl !== undefined && { loginUrl }),
    },
  };
}

/** Lambda says which function runs; in the local world emulators stand in for AWS. */
export const placeOfWorld = (): "aws" | "local" =>
  process.env["AWS_LAMBDA_FUNCTION_NAME"] === undefined ? "local" : "aws";

/** AWS's place for SNS's certificates, or the simulator's that the local world names. @throws CertificateOriginError for any other */
export const certificateOriginOfWorld = (): string =>
  certificateOrigin(process.env["TOLLHOUSE_SNS_CERTIFICATE_ORIGIN"]);

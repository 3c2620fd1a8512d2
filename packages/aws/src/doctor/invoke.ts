import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type Report, reportSchema } from "@tollhouse/core/doctor/report";
import * as z from "zod";
import { nameOf } from "./reading.ts";

/** Above the function's own time-out, so that its end is heard. */
const answerTimeoutMs = 150_000;

/** Where the function doctor is. */
export type DoctorPlace =
  | { readonly kind: "aws"; readonly functionName: string; readonly region: string }
  | { readonly kind: "local-world"; readonly functionName: string; readonly endpoint: string };

/** `not-reached`: there is no doctor there, or we may not call it. `failed`: it ran and broke. */
export type Answered =
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "not-reached"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Runs the function doctor once and gives what it found. It only reads, so nothing is lost if the answer is. */
export async function askDoctor(place: DoctorPlace): Promise<Answered> {
  const client = new LambdaClient({
    ...(place.kind === "aws"
      ? { region: place.region }
      : {
          region: "us-east-1",
          endpoint: place.endpoint,
          // The local world takes any; these are no secret.
          credentials: { accessKeyId: "LOCAL", secretAccessKey: "local" },
        }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: answerTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: place.functionName, Payload: "{}" }),
    );
    return answerIn(new TextDecoder().decode(Payload), FunctionError !== undefined);
  } catch (error) {
    return {
      kind: "not-reached",
      reason: `${nameOf(error)}: ${error instanceof Error ? error.message : ""}`,
    };
  } finally {
    client.destroy();
  }
}

const errorSchema = z.object({ errorType: z.string().default("Error"), errorMessage: z.string() });

function answerIn(payload: string, hasFailed: boolean): Answered {
  const json = jsonOf(payload);
  const report = reportSchema.safeParse(json);
  if (!hasFailed && report.success) return { kind: "report", report: report.data };
  const error = errorSchema.safeParse(json);
  const reason = error.success
    ? `${error.data.errorType}: ${error.data.errorMessage}`
    : "its answer is no report; it may be of another version";
  return { kind: "failed", reason };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

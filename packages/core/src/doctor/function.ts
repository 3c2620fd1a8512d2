import { fail, failIfAny, type Verdict } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

/** A function as Lambda shows it. */
export interface SeenFunction {
  /** `Active`, or what it is instead. */
  readonly state: string;
  /** Of its last deployment: `Successful`, or what it is instead. */
  readonly update: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

export interface WantedFunction {
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

/** Whether a function runs as the stack made it; other variables, such as a log level, may be there. */
export function judgeFunction(
  seen: SeenFunction | undefined,
  wanted: WantedFunction,
  { deployStack }: Remedies,
): Verdict {
  if (seen === undefined) return fail("The function does not exist.", deployStack);
  return failIfAny(
    [
      // An inactive function was not called for weeks; Lambda wakes it with the next call.
      ...(["Active", "Inactive"].includes(seen.state) ? [] : [`it is ${seen.state}`]),
      ...(seen.update === "Successful" ? [] : [`its last deployment is ${seen.update}`]),
      ...(seen.timeoutSeconds === wanted.timeoutSeconds
        ? []
        : [`it is stopped after ${seen.timeoutSeconds} s, not ${wanted.timeoutSeconds} s`]),
      // Values stay out of the report: somebody may have put a secret where none belongs.
      ...Object.entries(wanted.environment)
        .filter(([name, value]) => seen.environment[name] !== value)
        .map(([name]) => `its variable ${name} is not what the stack sets`),
    ],
    deployStack,
    "It is active, with the stack's environment.",
  );
}

/** What hands a queue's messages to a function. */
export interface SeenMapping {
  readonly queueArn: string;
  /** `Enabled`, or what it is instead. */
  readonly state: string;
  /** Whether Lambda asks the function which messages of a batch failed. */
  readonly keepsFailed: boolean;
}

export function judgeMapping(
  mappings: readonly SeenMapping[],
  queueArn: string,
  { deployStack }: Remedies,
): Verdict {
  const mapping = mappings.find((each) => each.queueArn === queueArn);
  if (mapping === undefined) return fail(`Nothing hands it the messages of ${queueArn}.`, deployStack);
  const switchOn = `\`aws lambda list-event-source-mappings --region us-east-1 --event-source-arn ${queueArn}\` shows its UUID; \`aws lambda update-event-source-mapping --region us-east-1 --enabled --uuid <UUID>\` switches it on.`;
  return failIfAny(
    [
      // Without it a batch whose function returns is deleted whole (Lambda guide, "Handling errors for an SQS event source").
      ...(mapping.keepsFailed
        ? []
        : [
            `the mapping that hands it the messages of ${queueArn} lacks ReportBatchItemFailures: Lambda deletes messages that failed`,
          ]),
      ...(mapping.state === "Enabled"
        ? []
        : [`the mapping that hands it the messages of ${queueArn} is ${mapping.state}`]),
    ],
    [...(mapping.keepsFailed ? [] : [deployStack]), ...(mapping.state === "Enabled" ? [] : [switchOn])].join(
      " Then ",
    ),
    `It gets the messages of ${queueArn}.`,
  );
}

export interface SeenSchedule {
  readonly isEnabled: boolean;
  readonly expression: string;
  /** What it wakes. */
  readonly targetArn: string;
}

type WantedSchedule = Omit<SeenSchedule, "isEnabled">;

export function judgeSchedule(
  schedule: SeenSchedule | undefined,
  { expression, targetArn }: WantedSchedule,
  { deployStack }: Remedies,
): Verdict {
  if (schedule === undefined) return fail("The schedule does not exist.", deployStack);
  return failIfAny(
    [
      ...(schedule.isEnabled ? [] : ["the schedule is disabled"]),
      ...(schedule.expression === expression ? [] : [`it runs at ${schedule.expression}, not ${expression}`]),
      ...(schedule.targetArn === targetArn
        ? []
        : [`it wakes ${schedule.targetArn || "nothing"}, not ${targetArn}`]),
    ],
    deployStack,
    `It runs at ${expression}.`,
  );
}

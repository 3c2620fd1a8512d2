import { type Complaint, fail, failIfAny, pass, type Verdict, warn } from "./finding.ts";
import { type Admission, admissionsOf } from "./policy.ts";
import type { Remedies } from "./remedy.ts";

/** A queue as SQS shows it. */
export interface SeenQueue {
  readonly url: string;
  readonly arn: string;
  readonly visibilitySeconds: number;
  readonly maxReceives: number | undefined;
  readonly deadLetterArn: string | undefined;
  readonly isEncrypted: boolean;
  /** JSON. */
  readonly policy: string | undefined;
  /** About so many; hidden ones count. */
  readonly messages: number;
}

export interface WantedQueue {
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
}

export function judgeQueue(
  queue: SeenQueue | undefined,
  deadLetter: SeenQueue | undefined,
  wanted: WantedQueue,
  { deployStack }: Remedies,
): Verdict {
  if (queue === undefined) return fail("The queue does not exist.", deployStack);
  if (deadLetter === undefined) return fail("Its dead-letter queue does not exist.", deployStack);
  const { visibilitySeconds, maxReceives, deadLetterArn } = queue;
  return failIfAny(
    [
      ...(deadLetterArn === deadLetter.arn && maxReceives === wanted.maxReceives
        ? []
        : [
            deadLetterArn === undefined
              ? "what fails is delivered again until SQS forgets it: there is no redrive"
              : `what fails ${maxReceives} times goes to ${deadLetterArn}, not after ${wanted.maxReceives} to ${deadLetter.arn}`,
          ]),
      ...(visibilitySeconds === wanted.visibilitySeconds
        ? []
        : [
            `a message that was taken comes back after ${visibilitySeconds} s, not ${wanted.visibilitySeconds} s`,
          ]),
      ...(queue.isEncrypted && deadLetter.isEncrypted ? [] : ["it is not encrypted at rest"]),
    ],
    deployStack,
    `After ${wanted.maxReceives} deliveries a message moves to ${deadLetter.arn}.`,
  );
}

/** Somebody who may send, as the stack lets them in. */
export type Sender = Omit<Admission, "actions"> & {
  /** For people. */
  readonly who: string;
};

/** Whether a queue takes messages from exactly these, besides the account's own roles. */
export function judgeSenders(
  queue: SeenQueue | undefined,
  senders: readonly Sender[],
  { deployStack }: Remedies,
): Verdict {
  if (queue === undefined) return fail("The queue does not exist.", deployStack);
  const admissions = queue.policy === undefined ? [] : admissionsOf(queue.policy);
  if (admissions === undefined) return fail("Its policy cannot be read.", deployStack);
  const admitted = new Set(admissions.map(keyOf));
  const wanted = senders.map((sender) => keyOf({ ...sender, actions: ["sqs:SendMessage"] }));
  return failIfAny(
    [
      ...senders
        .filter((_, index) => !admitted.has(wanted[index] ?? ""))
        .map(({ who }) => `${who} may not send, or not under the conditions that the stack sets`),
      ...admissions
        .filter((admission) => !wanted.includes(keyOf(admission)))
        .map(({ principals }) => `it lets ${principals.join(" and ")} in, which the stack does not`),
    ],
    deployStack,
    senders.length === 0 ? "Nobody else may." : `${senders.map(({ who }) => who).join(" and ")} may.`,
  );
}

/** The same for what means the same: AWS may give lists in another order, or a single value bare. */
const keyOf = ({ principals, actions, conditions }: Admission): string =>
  JSON.stringify([
    [...principals].sort(),
    actions.map((action) => action.toLowerCase()).sort(),
    conditions
      .map(({ operator, key, values }) => `${operator} ${key.toLowerCase()} ${[...values].sort().join(" ")}`)
      .sort(),
  ]);

interface NamedQueue {
  readonly name: string;
  readonly queue: SeenQueue | undefined;
}

/** Whether anything was given up on. A dead-letter queue that is missing is not an empty one. */
export function judgeDeadLetters(
  queues: readonly NamedQueue[],
  endpoint: string | undefined,
  { deployStack }: Remedies,
): Verdict {
  const missing = queues.flatMap(({ name, queue }) => (queue === undefined ? [name] : []));
  const letters = lettersIn(queues, endpoint);
  if (missing.length === 0) return letters ?? pass("All are empty.");
  const verb = missing.length === 1 ? "does" : "do";
  const gone = `${missing.join(" and ")} ${verb} not exist: what is given up on there is lost.`;
  return letters === undefined
    ? fail(gone, deployStack)
    : fail(`${gone} ${letters.detail}`, `${deployStack} ${letters.remedy}`);
}

/** With the command that shows them without taking them away. */
function lettersIn(queues: readonly NamedQueue[], endpoint: string | undefined): Complaint | undefined {
  const full = queues.flatMap(({ name, queue }) => (queue && queue.messages > 0 ? [{ name, queue }] : []));
  const [first] = full;
  if (first === undefined) return undefined;
  const at = endpoint === undefined ? "--region us-east-1" : `--endpoint-url ${endpoint}`;
  return warn(
    `${full.map(({ name, queue }) => `${name} holds ${queue.messages}`).join(", ")}.`,
    `Look at them: \`aws sqs receive-message ${at} --queue-url ${first.queue.url} --max-number-of-messages 10 --visibility-timeout 0 --attribute-names All\`.`,
  );
}

import { fileURLToPath } from "node:url";

/** A fault as somebody might make it, put into a file as it is loaded; the file itself stays as it is. */
export interface PlantedFault {
  readonly file: string;
  /** Text of the file, exactly once in it. */
  readonly right: string;
  readonly wrong: string;
  /** The promise of the contract that it breaks. */
  readonly breaks?: string;
}

const stores = "packages/aws/src/dynamodb";

/** What the contract of the metering stores must catch: each leaves out one condition. */
export const storeFaults = {
  "a mark is removed though it was set again": {
    file: `${stores}/usage-log.ts`,
    right: '"#value = :value"',
    wrong: '"attribute_exists(pk) OR #value = :value"',
    breaks: "is removed only if it still has the value that was read",
  },
  "a plan is opened over another folder's": {
    file: `${stores}/fold-store.ts`,
    right: "Item, ...overVersionBefore(state.version) } };",
    wrong: "Item } };",
    breaks: "is opened against the state that was read, and against no other",
  },
  "a plan is opened though the hours around have changed": {
    file: `${stores}/fold-store.ts`,
    right: "TransactItems: [own, ...checks]",
    wrong: "TransactItems: [own, ...checks.slice(checks.length)]",
    breaks: "is opened only while the hour-shards around are as they were read, also those that never were",
  },
  "a plan is booked twice": {
    file: `${stores}/book-store.ts`,
    right: 'Item: posting, ConditionExpression: "attribute_not_exists(pk)"',
    wrong: "Item: posting",
    breaks: "takes a plan's posting once: the second time it is known, whatever the version",
  },
  "a book is stored over a change that was not read": {
    file: `${stores}/book-item.ts`,
    right: "...overVersionBefore(book.version)",
    wrong: "",
    breaks: "that changed since it was read is a conflict, and the posting may come again",
  },
  "a record's outcome is written over": {
    file: `${stores}/record-item.ts`,
    right: "`outcome.#state = :pending$",
    wrong: "`(attribute_exists(pk) OR outcome.#state = :pending)$",
    breaks: "is not counted any more once there is an outcome",
  },
} as const satisfies Readonly<Record<string, PlantedFault>>;

/** What only a kill shows. */
export const handlerFaults = {
  "usage is acknowledged before it is stored": {
    file: "packages/functions/src/usage/handler.ts",
    right: "const ingested = await ingestUsage(ports, configuration.settings, awsRequestId, messages);",
    wrong:
      "const ingested = { eventCount: 0, quarantinedCount: 0 }; setTimeout(() => void ingestUsage(ports, configuration.settings, awsRequestId, messages), 400);",
  },
} as const satisfies Readonly<Record<string, PlantedFault>>;

const faults: Readonly<Record<string, PlantedFault>> = { ...storeFaults, ...handlerFaults };

/** The text of a module with the fault that `TOLLHOUSE_FAULT` names, if it is in that module. @throws Error when the right text is not there */
export function withFault(module: string, text: string): string {
  const name = process.env["TOLLHOUSE_FAULT"] ?? "";
  const fault = faults[name];
  if (fault === undefined) throw new Error(`TOLLHOUSE_FAULT names no planted fault: ${name}`);
  const file = module.startsWith("file:") ? fileURLToPath(module) : module;
  if (!file.endsWith(fault.file)) return text;
  const [before, after, ...more] = text.split(fault.right);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(
      `${fault.file} has not this text exactly once, so the fault "${name}" has no place: ${fault.right}`,
    );
  return `${before}${fault.wrong}${after}`;
}

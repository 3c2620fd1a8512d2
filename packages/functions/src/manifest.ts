/**
 * What Tollhouse is made of, as plain data: `infra/` builds it on AWS and `packages/local` builds it on a laptop,
 * so a handler meets the same tables, queues and environment in both. Permissions are AWS's concern and stay in `infra/`.
 */

type Key = { readonly partition: string; readonly sort: string };

/** What an index holds besides the keys of table and index: everything, or these attributes. */
export type Index = Key & { readonly holds: "all" | readonly string[] };

/** All key attributes are strings. */
type Table = {
  readonly key: Key;
  readonly indexes: Readonly<Record<string, Index>>;
  /** Holds the epoch second after which DynamoDB may delete the item. */
  readonly expiryAttribute: string;
};

export const tables = {
  Lifecycle: {
    key: { partition: "pk", sort: "sk" },
    indexes: {
      byCustomer: { partition: "gsi1pk", sort: "gsi1sk", holds: "all" },
      /** Sparse: only outbox entries not yet on the bus carry its keys. */
      unpublished: { partition: "gsi2pk", sort: "gsi2sk", holds: "all" },
      /** Sparse: what is listed for operators and compared with AWS. */
      listed: { partition: "gsi3pk", sort: "gsi3sk", holds: "all" },
    },
    expiryAttribute: "expiresAt",
  },
  Metering: {
    key: { partition: "pk", sort: "sk" },
    indexes: {
      /** Sparse: only records without an outcome, books with whole units and usage that waits carry its keys. It says where they lie. */
      pending: { partition: "gsi1pk", sort: "gsi1sk", holds: ["subscriptionId", "dimension"] },
    },
    expiryAttribute: "expiresAt",
  },
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof tables;

type Queue = {
  /** At least six times its function's time-out plus the batch window (AWS Lambda guide, "Using Lambda with Amazon SQS"). */
  readonly visibilitySeconds: number;
  /** Deliveries after which a message moves to the queue's dead-letter queue. */
  readonly maxReceives: number;
  readonly batch: {
    readonly size: number;
    /** How long Lambda waits to fill a batch; above 10 messages a batch needs at least 1. */
    readonly windowSeconds: number;
  };
  /** Batches in flight at once; AWS's least is 2. Absent: as many as Lambda likes. */
  readonly maxConcurrency?: number;
};

/** Standard queues. Each has a dead-letter queue of its own, named by `deadLetterOf`. */
export const queues = {
  /** Notifications from AWS Marketplace's SNS topics and from the seller account's EventBridge rule. */
  Intake: { visibilitySeconds: 270, maxReceives: 5, batch: { size: 10, windowSeconds: 0 } },
  /** Wakes the outbox relay; a message says nothing but "look". Few at once, since all would look at the same outbox. */
  Relay: { visibilitySeconds: 270, maxReceives: 5, batch: { size: 10, windowSeconds: 0 }, maxConcurrency: 2 },
  /** Asks for the entitlements of one license or customer to be read. Few at once: AWS counts the calls of the whole account. */
  Entitlement: {
    visibilitySeconds: 360,
    maxReceives: 5,
    batch: { size: 10, windowSeconds: 0 },
    maxConcurrency: 2,
  },
  /** Usage events. Lambda hands over fewer than 10,000 when their bodies reach its 6 MB. */
  Usage: { visibilitySeconds: 380, maxReceives: 5, batch: { size: 10_000, windowSeconds: 20 } },
  /** Asks for one hour-shard to be folded. As many at once as the tables bear beside ingest. */
  Fold: { visibilitySeconds: 1440, maxReceives: 5, batch: { size: 1, windowSeconds: 0 }, maxConcurrency: 10 },
  /** Wakes the meter when something was counted or is left to send, or asks for one subscription's usage to be metered now. */
  Meter: {
    visibilitySeconds: 1450,
    maxReceives: 5,
    batch: { size: 100, windowSeconds: 5 },
    maxConcurrency: 2,
  },
} as const satisfies Readonly<Record<string, Queue>>;

/** What usage on the stack's event bus has as its detail-type, by which it finds its way into the queue Usage. */
export const usageDetailType = "usage";

export type QueueName = keyof typeof queues;

export const deadLetterRetentionDays = 14;

/** Every dead-letter queue there is: one for each queue, and one for the ticks that a schedule could not deliver. */
export type DeadLetterName = `${QueueName | "Schedule"}DeadLetter`;

export const deadLetterOf = (source: QueueName | "Schedule"): DeadLetterName => `${source}DeadLetter`;

/** Where each variable that names a resource gets its value. */
const variables = {
  LIFECYCLE_TABLE: { table: "Lifecycle" },
  METERING_TABLE: { table: "Metering" },
  INTAKE_QUEUE_URL: { queue: "Intake" },
  RELAY_QUEUE_URL: { queue: "Relay" },
  ENTITLEMENT_QUEUE_URL: { queue: "Entitlement" },
  USAGE_QUEUE_URL: { queue: "Usage" },
  FOLD_QUEUE_URL: { queue: "Fold" },
  METER_QUEUE_URL: { queue: "Meter" },
  EVENT_BUS_NAME: { bus: true },
  /** Where buyers register, as the outside sees it: the name in their tokens, and the beginning of links in mails. */
  REGISTRATION_URL: { page: true },
} as const satisfies Readonly<
  Record<
    string,
    | { readonly table: TableName }
    | { readonly queue: QueueName }
    | { readonly bus: true }
    | { readonly page: true }
  >
>;

type ResourceVariable = keyof typeof variables;

export type Callers = "anyone" | "signed";

/** What makes a function run. A schedule's event is `{}`: what to do is found in the tables. */
export type Source =
  | {
      readonly kind: "http";
      readonly routes: readonly `${"GET" | "POST"} /${string}`[];
      /** `signed`: on AWS only who signs the request as a role that may call it. */
      readonly callers: Callers;
    }
  | { readonly kind: "queue"; readonly queue: QueueName }
  | { readonly kind: "schedule"; readonly everyMinutes: number }
  /** Called by its name, by whoever may: `lambda:InvokeFunction`. */
  | { readonly kind: "invoke" };

/** What only some functions may know. `BuyerTokenKeys`: what buyers' tokens are signed with. */
export type SecretName = "BuyerTokenKeys";

/** How EventBridge Scheduler is told. */
export const scheduleExpression = (everyMinutes: number): string =>
  everyMinutes === 1 ? "rate(1 minute)" : `rate(${everyMinutes} minutes)`;

type Door = {
  /** Path without extension, from the root of the repository, and the export's name. */
  readonly handler: `packages/functions/src/${string}/handler.handler`;
  readonly sources: readonly Source[];
  readonly environment: readonly ResourceVariable[];
  /** Linked by SST, encrypted in the function's own package: neither its environment nor a table shows them. */
  readonly secrets?: readonly SecretName[];
  /** Above the four tries of ten seconds that one call to AWS may take; a page cannot wait longer than API Gateway's 30. */
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** The function never runs twice at once. */
  readonly alone?: true;
};

/**
 * Memory buys processor time, and 1,769 MB one whole processor (Lambda guide, "Configure Lambda function memory"). 512 MB has who waits
 * for AWS and computes little; 1,024 whom a person or service waits for, so that a cold start is short; 1,769 who packs, unpacks and
 * adds up thousands of events.
 */
export const functions = {
  registration: {
    handler: "packages/functions/src/registration/handler.handler",
    sources: [
      {
        kind: "http",
        routes: [
          "GET /register",
          "POST /register",
          "GET /register/{step}",
          "POST /register/{step}",
          "GET /.well-known/jwks.json",
        ],
        callers: "anyone",
      },
    ],
    environment: ["LIFECYCLE_TABLE", "RELAY_QUEUE_URL", "REGISTRATION_URL"],
    secrets: ["BuyerTokenKeys"],
    timeoutSeconds: 30,
    memoryMegabytes: 1024,
  },
  intake: {
    handler: "packages/functions/src/intake/handler.handler",
    sources: [{ kind: "queue", queue: "Intake" }],
    environment: ["LIFECYCLE_TABLE", "RELAY_QUEUE_URL"],
    timeoutSeconds: 45,
    memoryMegabytes: 512,
  },
  /** The intake's second door, for topics that cannot reach the queue. */
  webhook: {
    handler: "packages/functions/src/webhook/handler.handler",
    sources: [{ kind: "http", routes: ["POST /sns"], callers: "anyone" }],
    environment: ["LIFECYCLE_TABLE", "RELAY_QUEUE_URL"],
    timeoutSeconds: 30,
    memoryMegabytes: 512,
  },
  relay: {
    handler: "packages/functions/src/relay/handler.handler",
    sources: [
      { kind: "queue", queue: "Relay" },
      { kind: "schedule", everyMinutes: 1 },
    ],
    environment: [
      "LIFECYCLE_TABLE",
      "ENTITLEMENT_QUEUE_URL",
      "EVENT_BUS_NAME",
      "RELAY_QUEUE_URL",
      "FOLD_QUEUE_URL",
      "METER_QUEUE_URL",
      "REGISTRATION_URL",
    ],
    timeoutSeconds: 45,
    memoryMegabytes: 512,
  },
  entitlement: {
    handler: "packages/functions/src/entitlement/handler.handler",
    sources: [{ kind: "queue", queue: "Entitlement" }],
    environment: ["LIFECYCLE_TABLE", "RELAY_QUEUE_URL"],
    // Ten requests of several pages each, at the pace that AWS takes.
    timeoutSeconds: 60,
    memoryMegabytes: 512,
  },
  reconciliation: {
    handler: "packages/functions/src/reconciliation/handler.handler",
    sources: [{ kind: "schedule", everyMinutes: 15 }],
    environment: ["LIFECYCLE_TABLE", "RELAY_QUEUE_URL", "ENTITLEMENT_QUEUE_URL"],
    // Thousands of agreements are read, page by page, at AWS's pace; below its period, so that runs do not pile up.
    timeoutSeconds: 600,
    memoryMegabytes: 512,
    alone: true,
  },
  usage: {
    handler: "packages/functions/src/usage/handler.handler",
    sources: [{ kind: "queue", queue: "Usage" }],
    environment: ["LIFECYCLE_TABLE", "METERING_TABLE"],
    // 6 MB of events are packed within seconds; the rest is for the tables.
    timeoutSeconds: 60,
    memoryMegabytes: 1769,
  },
  /** The usage queue's door for who speaks HTTP. */
  collector: {
    handler: "packages/functions/src/collector/handler.handler",
    sources: [{ kind: "http", routes: ["POST /usage"], callers: "signed" }],
    environment: ["USAGE_QUEUE_URL"],
    timeoutSeconds: 30,
    memoryMegabytes: 1024,
  },
  /** Whether a customer may use a product. */
  access: {
    handler: "packages/functions/src/access/handler.handler",
    sources: [{ kind: "http", routes: ["GET /access"], callers: "signed" }],
    environment: ["LIFECYCLE_TABLE"],
    timeoutSeconds: 30,
    memoryMegabytes: 1024,
  },
  fold: {
    handler: "packages/functions/src/fold/handler.handler",
    sources: [{ kind: "queue", queue: "Fold" }],
    environment: ["LIFECYCLE_TABLE", "METERING_TABLE", "METER_QUEUE_URL"],
    // Millions of events of one hour-shard, 200,000 held at once. Who is cut short goes on where the last plan ended.
    timeoutSeconds: 240,
    memoryMegabytes: 1769,
  },
  meter: {
    handler: "packages/functions/src/meter/handler.handler",
    sources: [
      { kind: "queue", queue: "Meter" },
      { kind: "schedule", everyMinutes: 5 },
    ],
    environment: ["LIFECYCLE_TABLE", "METERING_TABLE", "FOLD_QUEUE_URL", "METER_QUEUE_URL"],
    // Below its period. A run stops by itself when 15% of this is left, and asks for the next one.
    timeoutSeconds: 240,
    memoryMegabytes: 1769,
  },
  /** Tries every link of the installation and says which does not hold; `tollhouse doctor` calls it. */
  doctor: {
    handler: "packages/functions/src/doctor/handler.handler",
    sources: [{ kind: "invoke" }],
    environment: [
      "LIFECYCLE_TABLE",
      "METERING_TABLE",
      "INTAKE_QUEUE_URL",
      "RELAY_QUEUE_URL",
      "ENTITLEMENT_QUEUE_URL",
      "USAGE_QUEUE_URL",
      "FOLD_QUEUE_URL",
      "METER_QUEUE_URL",
      "EVENT_BUS_NAME",
      "REGISTRATION_URL",
    ],
    // Above the 90 seconds that it gives all links together.
    timeoutSeconds: 120,
    memoryMegabytes: 1024,
  },
  /** Says in numbers what waits: the alarms on money look at them. */
  watch: {
    handler: "packages/functions/src/watch/handler.handler",
    sources: [{ kind: "schedule", everyMinutes: 5 }],
    environment: ["LIFECYCLE_TABLE", "METERING_TABLE"],
    // It stops looking with a third left; a look at a thousand books takes some ten seconds.
    timeoutSeconds: 120,
    // A hundred books are held at once, and a thousand pending records.
    memoryMegabytes: 1024,
  },
  /** Adds up the whole installation once a day. */
  inspection: {
    handler: "packages/functions/src/inspection/handler.handler",
    sources: [{ kind: "schedule", everyMinutes: 1_440 }],
    environment: ["LIFECYCLE_TABLE", "METERING_TABLE"],
    // All that Lambda allows: the whole Metering table is read, and each of its segments unpacked.
    timeoutSeconds: 900,
    // One whole processor (1,769 MB, Lambda guide, "Configure Lambda function memory") for the unpacking.
    memoryMegabytes: 1769,
  },
} as const satisfies Readonly<Record<string, Door>>;

export type FunctionName = keyof typeof functions;

export function secretsOf(name: FunctionName): readonly SecretName[] {
  const door: Door = functions[name];
  return door.secrets ?? [];
}

/** A permanent stage keeps its tables when it is removed, and refuses to be removed by accident. */
export const isPermanent = (stage: string): boolean => stage === "production";

/** One place's resources, by name: on AWS the values are SST's outputs, on a laptop plain strings. */
export type Place<Value> = {
  readonly stage: Value;
  /** Under which CloudWatch keeps what is measured. */
  readonly metricNamespace: Value;
  readonly tableName: (table: TableName) => Value;
  readonly queueUrl: (queue: QueueName) => Value;
  readonly busName: () => Value;
  /** The registration page's address, without a slash at its end. */
  readonly registrationUrl: () => Value;
};

/** The environment a function runs in; the same variables in every place. */
export function environmentOf<Value>(
  name: FunctionName,
  place: Place<Value>,
): Record<string, Value | string> {
  const valueOf = (variable: ResourceVariable): Value => {
    const origin = variables[variable];
    if ("table" in origin) return place.tableName(origin.table);
    if ("page" in origin) return place.registrationUrl();
    return "queue" in origin ? place.queueUrl(origin.queue) : place.busName();
  };
  return {
    TOLLHOUSE_STAGE: place.stage,
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: place.metricNamespace,
    ...Object.fromEntries(functions[name].environment.map((variable) => [variable, valueOf(variable)])),
  };
}

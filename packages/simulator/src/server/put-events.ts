import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AwsError } from "./aws-error.ts";
import type { SimulatorConfiguration } from "./configuration.ts";
import type { Send } from "./queue.ts";
import type { Principal } from "./session.ts";

const entry = z.object({
  Time: z.number().optional(),
  Source: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().default("default"),
});
const putEventsRequest = z.object({ Entries: z.array(entry).min(1).max(10) });

type Entry = z.output<typeof entry>;
type Result = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

interface Bus {
  readonly buses: readonly SimulatorConfiguration["buses"][number][];
  readonly send: Send;
  readonly nowMs: number;
}

/**
 * Delivers to the queues of matching rules (EventBridge API reference: PutEvents). Each entry succeeds or fails by
 * itself. Unlike EventBridge, an entry counts as accepted only once its queues have it, so that nothing is lost here.
 */
export async function putEvents(body: unknown, principal: Principal, bus: Bus): Promise<unknown> {
  refuseSession(principal, "events:PutEvents");
  const parsed = putEventsRequest.safeParse(body);
  if (!parsed.success) throw new AwsError("ValidationException", z.prettifyError(parsed.error));
  const Entries = await Promise.all(parsed.data.Entries.map((one) => putOne(one, principal, bus)));
  return { FailedEntryCount: Entries.filter((result) => "ErrorCode" in result).length, Entries };
}

/** Buses are production's: a session of the seller's roles has no business there. */
function refuseSession({ callerArn, arn }: Principal, action: string): void {
  if (callerArn === undefined)
    throw new AwsError("AccessDeniedException", `User: ${arn} is not authorized to perform: ${action}`);
}

const describeBusRequest = z.object({ Name: z.string().default("default") });

/** EventBridge API reference: DescribeEventBus. */
export function describeEventBus(
  body: unknown,
  principal: Principal,
  { buses }: Pick<Bus, "buses">,
): { readonly Name: string; readonly Arn: string } {
  refuseSession(principal, "events:DescribeEventBus");
  const { Name } = describeBusRequest.parse(body);
  if (!buses.some(({ name }) => name === Name))
    throw new AwsError("ResourceNotFoundException", `Event bus ${Name} does not exist.`);
  return { Name, Arn: `arn:aws:events:${principal.region}:${principal.accountId}:event-bus/${Name}` };
}

async function putOne(one: Entry, principal: Principal, { buses, send, nowMs }: Bus): Promise<Result> {
  const problem = problemOf(one);
  if (problem !== undefined) return problem;
  const name = one.EventBusName.split("/").at(-1);
  const bus = buses.find((candidate) => candidate.name === name);
  if (bus === undefined) return failed("InvalidArgument", `Event bus ${one.EventBusName} does not exist.`);
  const event = eventOf(one, principal, nowMs);
  const targets = bus.rules.filter(({ pattern }) => matches(pattern, one)).map(({ queueUrl }) => queueUrl);
  try {
    await Promise.all(targets.map((queueUrl) => send(queueUrl, JSON.stringify(event))));
  } catch {
    return failed("InternalFailure", "A target queue did not take the event.");
  }
  return { EventId: event.id };
}

const failed = (ErrorCode: string, ErrorMessage: string): Result => ({ ErrorCode, ErrorMessage });

function problemOf({ Source, DetailType, Detail }: Entry): Result | undefined {
  if (!Source) return failed("InvalidArgument", "Parameter Source is not valid. Reason: required.");
  if (Source.startsWith("aws."))
    return failed("NotAuthorizedForSourceException", "Sources that begin with aws. are AWS's own.");
  if (!DetailType) return failed("InvalidArgument", "Parameter DetailType is not valid. Reason: required.");
  if (!Detail) return failed("InvalidArgument", "Parameter Detail is not valid. Reason: required.");
  return isObject(Detail) ? undefined : failed("MalformedDetail", "Detail is malformed.");
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const eventOf = (one: Entry, principal: Principal, nowMs: number) => ({
  version: "0",
  id: randomUUID(),
  "detail-type": one.DetailType,
  source: one.Source,
  account: principal.accountId,
  time: new Date(one.Time === undefined ? nowMs : one.Time * 1_000).toISOString().replace(/\.\d+Z$/, "Z"),
  region: principal.region,
  resources: one.Resources,
  detail: JSON.parse(one.Detail ?? "{}") as unknown,
});

type Pattern = SimulatorConfiguration["buses"][number]["rules"][number]["pattern"];

const matches = (pattern: Pattern, { Source = "", DetailType = "" }: Entry): boolean =>
  (pattern.source?.includes(Source) ?? true) && (pattern["detail-type"]?.includes(DetailType) ?? true);

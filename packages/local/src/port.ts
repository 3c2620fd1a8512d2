import getPort from "get-port";
import { StartError } from "./failure.ts";

/** Where a door listens; DynamoDB Local on every interface, so its port must be free on each. */
const hostOf = (door: keyof Ports) => (door === "database" ? {} : { host: "127.0.0.1" });

/** The local world's ports, in this order when a first one is chosen. */
const doors = [
  "registration",
  "simulator",
  "simulatorTls",
  "queues",
  "database",
  "webhook",
  "usage",
  "lambda",
  "access",
  "inbox",
  "example",
] as const;
export const portCount = doors.length;
export type Ports = Readonly<Record<(typeof doors)[number], number>>;

/** A row that is easy to remember; taken when nobody chose another and all of it is free. */
const familiarFirst = 7_400;

/** A row from the familiar first, or any that are free. */
export async function familiarPorts(): Promise<Ports> {
  return choosePorts(familiarFirst).catch(() => choosePorts(undefined));
}

/**
 * Ports that are free now: a row from `first` when one was chosen, else any.
 * @throws StartError naming the port that is taken
 */
export async function choosePorts(first: number | undefined): Promise<Ports> {
  const chosen: number[] = [];
  for (const [index, door] of doors.entries()) {
    const wanted = first === undefined ? undefined : first + index;
    const port = await getPort({
      ...hostOf(door),
      exclude: chosen,
      ...(wanted === undefined ? {} : { port: wanted }),
    });
    if (wanted !== undefined && port !== wanted) {
      throw new StartError(
        "port-taken",
        `Port ${wanted} (${door}) is taken. End what uses it, or choose another row of ${portCount} with --port.`,
      );
    }
    chosen.push(port);
  }
  return Object.fromEntries(doors.map((door, index) => [door, chosen[index] ?? 0])) as unknown as Ports;
}

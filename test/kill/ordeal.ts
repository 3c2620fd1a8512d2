import { loadConfiguration } from "@tollhouse/local/configuration";
import { choosePorts } from "@tollhouse/local/port";
import { startWorld, type World } from "@tollhouse/local/world";
import type { FunctionName } from "@tollhouse/functions/manifest";
import { lifecycleTable } from "../integration/table.ts";
import { Random } from "../simulation/random.ts";
import { theyLeave } from "./final-hour.ts";
import { type Kill, Killer } from "./killer.ts";
import { type Ledger, readLedger } from "./ledger.ts";
import { type LedgerCheck, ledgerCheck } from "../integration/ledger-check.ts";
import { type Agreement, type Bill, type Outside, outside, until } from "../integration/outside.ts";
import { type Buyer, UsageStream } from "./usage-stream.ts";

export interface OrdealOptions {
  readonly seed: number;
  /** Hours of usage. */
  readonly hours: number;
  /** Kills while the buyers come, and in each hour. */
  readonly kills: { readonly coming: number; readonly hour: number };
  readonly victims?: readonly FunctionName[];
  /** What the functions' workers get in their environment besides. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What is there when everything has come to rest. */
export interface Aftermath {
  readonly stream: UsageStream;
  readonly kills: readonly Kill[];
  readonly ledger: Ledger;
  /** What `tollhouse ledger check` says. */
  readonly report: LedgerCheck;
  readonly bill: Bill;
  readonly deadLetters: readonly string[];
  readonly quarantined: readonly string[];
  readonly buyers: readonly Buyer[];
}

/** Short enough for a message to come back several times, long enough for a batch on a busy machine. */
const visibilitySeconds = 5;
/** How often the meter runs, by the world's clock. */
const runEverySeconds = 300;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** A world whose functions are killed while buyers come and usage streams in, until all of it has come to rest. */
export async function ordeal(options: OrdealOptions): Promise<Aftermath> {
  const over = new AbortController();
  const world = await startWorld({
    configuration: await loadConfiguration(),
    ports: await choosePorts(undefined),
    visibilitySeconds,
    functionEnvironment: options.environment,
    stopped: over.signal,
    onProgress: () => undefined,
    onLine: (name, line) => {
      if (process.env["TOLLHOUSE_KILL_LOG"] !== undefined) console.log(`${name} ${line}`);
    },
    onCollapse: (what) => over.abort(new Error(what)),
  });
  const door = outside(world.places);
  try {
    return await endure(options, world, door);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    door.close();
    await world.stop();
  }
}

async function endure(options: OrdealOptions, world: World, door: Outside): Promise<Aftermath> {
  const { seed, hours, kills, victims } = options;
  const killer = new Killer(world, door, new Random(seed, 1), victims);
  await door.setClock({ now: middleOfNextMonth(await door.now()) });
  const [buyers] = await Promise.all([buyersCome(world, door), strikes(killer, kills.coming)]);
  await door.setFaults(String(seed), faults);
  const stream = new UsageStream(new Random(seed, 2), buyers);
  let last = await door.now();
  for (let hour = 0; hour < hours; hour += 1) {
    await atRest(door, killer);
    last = await anHour(door, killer, stream, { after: last, kills: kills.hour, isLast: hour === hours - 1 });
  }
  const rest = () => atRest(door, killer);
  await theyLeave({ door, killer, stream, buyers, kills: Math.ceil(kills.hour / 4), atRest: rest });
  await untilSealed(world);
  // The windows of all hours have shut, whatever news of a buyer were still to come: what is less than a unit is written off.
  await door.setClock({ advanceSeconds: 28 * 3_600, rate: 300 });
  await untilClosed(world);
  await rest();
  return {
    stream,
    buyers,
    kills: killer.kills,
    ledger: await readLedger(world.places),
    report: await ledgerCheck(world.places),
    bill: await door.bill(),
    deadLetters: await door.deadLetters(),
    quarantined: await lifecycleTable(world.places).quarantined(),
  };
}

const metering = { on: "calls", operation: "BatchMeterUsage" };
/** Of AWS, while workers are killed. */
const faults = [
  { ...metering, fault: "throttle", probability: 0.15 },
  { ...metering, fault: "lose-answer", answer: "drop", probability: 0.1 },
  { ...metering, fault: "lose-answer", answer: "500", probability: 0.1 },
  { on: "records", fault: "leave-unprocessed", probability: 0.15 },
];

/** Far from a month's end, at which windows shut early. */
function middleOfNextMonth(now: number): string {
  const date = new Date(now);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 10, 9)).toISOString();
}

async function strikes(killer: Killer, count: number): Promise<void> {
  for (let kill = 0; kill < count; kill += 1) await killer.strike();
}

/** Two buyers of each listing that meters something. */
async function buyersCome(world: World, door: Outside): Promise<[Buyer, ...Buyer[]]> {
  const { products } = await loadConfiguration();
  const metered = products.filter(({ dimensions }) => dimensions.some(({ kind }) => kind === "metered"));
  const wanted = metered.flatMap((product) => ["1", "2"].map((buyer) => ({ product, buyer })));
  const come = wanted.map(async ({ product, buyer }): Promise<[Buyer, Agreement]> => {
    const entitled = product.dimensions.filter(({ kind }) => kind === "entitled");
    const agreement = await door.subscribe({
      productCode: product.code,
      buyerAccountId: buyer.repeat(12),
      entitlements: entitled.map(({ key }) => ({ dimension: key, value: 10 })),
    });
    const { agreementId, licenseArn, customerIdentifier = "" } = agreement;
    const byCustomer = product.generation === "sns";
    const subject = byCustomer ? `${product.code}/${customerIdentifier}` : licenseArn;
    const subscriptionId = byCustomer ? subject : licenseArn.slice(licenseArn.lastIndexOf(":") + 1);
    const dimensions = product.dimensions.flatMap(({ kind, key }) => (kind === "metered" ? [key] : []));
    return [{ agreementId, subscriptionId, licenseArn, subject, dimensions }, agreement];
  });
  const [first, ...others] = await Promise.all(come);
  if (first === undefined) throw new Error("No listing of tollhouse.config.ts meters anything.");
  const tables = lifecycleTable(world.places);
  for (const [{ subscriptionId }, { registrationToken }] of [first, ...others]) {
    await until(
      () => `the registration of ${subscriptionId}`,
      () => door.register(registrationToken),
    );
  }
  await door.setClock({ advanceSeconds: 120 });
  for (const [{ subscriptionId }] of [first, ...others]) {
    await until(
      () => `the grant of ${subscriptionId}`,
      async () => {
        const subscription = await tables.subscription(subscriptionId);
        return subscription?.registration === "registered" && subscription.grant.state === "active";
      },
    );
  }
  return [first[0], ...others.map(([buyer]) => buyer)];
}

/** Usage of the next hour is sent among kills, first as it ends and then as it is folded, sealed and metered. */
async function anHour(
  door: Outside,
  killer: Killer,
  stream: UsageStream,
  { after, kills, isLast }: { after: number; kills: number; isLast: boolean },
): Promise<number> {
  killer.nextRound();
  const now = await door.now();
  const hourStart = (Math.floor(Math.max(now, after) / hourMs) + 1) * hourMs;
  await door.setClock({ now: new Date(hourStart + 56 * minuteMs).toISOString() });
  const messages = stream.messagesOf(hourStart, isLast);
  const perKill = Math.ceil(messages.length / kills);
  for (let kill = 0; kill < kills; kill += 1) {
    // Half of it comes when the hour is folded, sealed and metered already, between two runs of the meter.
    const isLate = kill >= kills / 2;
    await killer.strike(async () => {
      await send(door, messages.slice(kill * perKill, (kill + 1) * perKill));
      if (isLate) await door.setClock({ advanceSeconds: runEverySeconds });
    });
    if (kill + 1 === Math.floor(kills / 2)) await door.setClock({ advanceSeconds: 900 });
  }
  return hourStart;
}

/** One after the other, as usage comes in. */
async function send(door: Outside, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await door.sendUsage(body);
}

/** Every message is consumed. */
async function atRest(door: Outside, killer: Killer): Promise<void> {
  let waiting: readonly string[] = [];
  await killer.allUp();
  await until(
    () => `an end of the messages in ${waiting.join(", ")}`,
    async () => {
      waiting = await door.waiting();
      return waiting.length === 0;
    },
  );
}

/** Every mark is folded and every whole unit has come to an outcome. */
async function untilSealed({ places }: World): Promise<void> {
  let left: readonly string[] = [];
  await until(
    () => left.join(", "),
    async () => {
      const { marks, records, held } = await readLedger(places);
      left = [
        ...(marks > 0 ? [`the folding of ${marks} hour-shards`] : []),
        ...records.flatMap(({ book, outcome }) => (outcome === "pending" ? [`an outcome for ${book}`] : [])),
        ...[...held].flatMap(([book, units]) => (units >= 1_000_000n ? [`the sealing of ${book}`] : [])),
      ];
      return left.length === 0;
    },
  );
}

/** No balance holds anything. */
async function untilClosed({ places }: World): Promise<void> {
  let left: readonly string[] = [];
  await until(
    () => `an end of the balances of ${left.join(", ")}`,
    async () => {
      const { held } = await readLedger(places);
      left = [...held].flatMap(([book, units]) => (units === 0n ? [] : [book]));
      return left.length === 0;
    },
  );
}

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { choosePorts } from "@tollhouse/local/port";
import { startWorld } from "@tollhouse/local/world";
import { expect, vi } from "vitest";
import { callRecorder } from "./call-recorder.ts";
import { ledgerCheck } from "./ledger-check.ts";
import configuration, { letters } from "./metered.config.ts";
import { type Agreement, type Bill, outside } from "./outside.ts";
import { lifecycleTable } from "./table.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** A test has its own end; on a busy machine twenty thousand events take more than a minute. */
const eventually = { timeout: 170_000, interval: 100 };

/** Of a subscription that a test made: nobody else uses it. */
export interface Buyer extends Agreement {
  readonly productCode: string;
  /** What the seller's services call the subscription by. */
  readonly subject: string;
}

/** One amount used; what is left out is the buyer's next id, now, and no tags. */
export interface Use {
  readonly buyer: Buyer;
  readonly dimension: string;
  readonly quantity: string;
  readonly id?: string;
  readonly time?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A world with the listings of `metered.config.ts`, whose hours pass when a test says so. */
export async function meteredWorld(conflicts: Readonly<Record<string, string>> = {}) {
  const collapsed = new AbortController();
  const ports = await choosePorts(undefined);
  const recorder = await callRecorder(ports.simulator);
  const loader = pathToFileURL(join(import.meta.dirname, "other-configuration.ts")).href;
  const world = await startWorld({
    ...{ configuration, ports, conflicts, stopped: collapsed.signal },
    functionEnvironment: {
      NODE_OPTIONS: `--import=${loader}`,
      AWS_ENDPOINT_URL_MARKETPLACE_METERING: recorder.url,
    },
    onProgress: () => undefined,
    onLine: (name, line) => {
      if (process.env["TOLLHOUSE_WORLD_LOG"] !== undefined) console.log(`${name} ${line}`);
    },
    onCollapse: (what) => collapsed.abort(new Error(what)),
  });
  const door = outside(world.places);
  const tables = lifecycleTable(world.places);
  let buyers = 0;
  let events = 0;
  const instant = async () => new Date(await door.now()).toISOString();

  /** Five past the next hour: what a test does before it lets an hour pass lies in one hour. */
  const nextHour = async (minute = 5) => {
    const start = (Math.floor((await door.now()) / hourMs) + 1) * hourMs;
    await door.setClock({ now: new Date(start + minute * minuteMs).toISOString() });
  };
  /** Until everything that was sent is where the meter finds it, or was met by it. */
  const atRest = () => vi.waitFor(async () => expect(await door.waiting()).toEqual([]), eventually);
  /** The hour in which we are closes and settles. */
  const hourSettles = async () => {
    await atRest();
    await nextHour(12);
  };

  const agree = (productCode: string): Promise<Agreement> =>
    door.subscribe({ productCode, buyerAccountId: String(100_000_000_000 + (buyers += 1)) });
  const asBuyer = (productCode: string, agreement: Agreement): Buyer => {
    const { customerIdentifier = "", licenseArn } = agreement;
    const subject = productCode === letters ? `${productCode}/${customerIdentifier}` : licenseArn;
    return { ...agreement, productCode, subject };
  };
  /** New buyers, whose subscriptions are in force. */
  const buy = async (productCode: string, count: number): Promise<readonly Buyer[]> => {
    await nextHour();
    const come = Array.from({ length: count }, async () => asBuyer(productCode, await agree(productCode)));
    const bought = await Promise.all(come);
    await door.setClock({ advanceSeconds: 120 });
    for (const { subject } of bought) {
      const id = subject.slice(subject.lastIndexOf(":") + 1);
      await vi.waitFor(async () => {
        expect((await tables.subscription(id))?.grant.state).toBe("active");
      }, eventually);
    }
    return bought;
  };

  const eventOf = ({ buyer, dimension, quantity, id, time, tags }: Use, now: string) => ({
    ...{ specversion: "1.0", type: "usage", source: "rivals", subject: buyer.subject, time: time ?? now },
    id: id ?? `event-${(events += 1)}`,
    data: { dimension, quantity, ...(tags === undefined ? {} : { tags }) },
  });
  /** One message with all of it, as a service of the seller sends it. */
  const use = async (...uses: readonly Use[]) => {
    const now = await instant();
    await door.sendUsage(JSON.stringify(uses.map((each) => eventOf(each, now))));
  };

  /** Waits until so much is billed to a buyer in all. */
  const untilBilled = (buyer: Buyer, quantity: number) =>
    vi.waitFor(async () => expect(unitsOf(await door.bill(buyer.licenseArn))).toBe(quantity), eventually);

  /**
   * AWS has billed a buyer exactly this, and goes on having billed no more than that: a unit that is used an hour later is on the
   * bill as soon as whatever else there was would be. The books balance, and nothing is left in them.
   */
  const expectBilled = async (buyer: Buyer, used: Readonly<Record<string, number>>) => {
    const quantity = Object.values(used).reduce((sum, units) => sum + units, 0);
    await untilBilled(buyer, quantity);
    const [dimension, units] = Object.entries(used)[0] ?? ["", 0];
    await hourSettles();
    await use({ buyer, dimension, quantity: "1" });
    await hourSettles();
    await untilBilled(buyer, quantity + 1);
    await atRest();
    const { totals } = await door.bill(buyer.licenseArn);
    expect(Object.fromEntries(totals.map((line) => [line.dimension, line.quantity]))).toEqual({
      ...used,
      [dimension]: units + 1,
    });
    await expectBooksBalance();
  };
  const expectBooksBalance = async () => {
    const report = await vi.waitFor(async () => {
      const checked = await ledgerCheck(world.places);
      expect(checked.records["pending"]).toBe(0n);
      return checked;
    }, eventually);
    const units = (await door.bill()).totals.reduce((sum, { quantity }) => sum + quantity, 0);
    expect(report).toMatchObject({
      ...{ exitCode: 0, differences: [], unfolded: 0n, inFlight: 0n, waiting: 0n, balance: 0n },
      accepted: BigInt(units) * 1_000_000n,
      records: { accepted: BigInt(units) * 1_000_000n, conflict: 0n },
      unbillable: { all: 0n },
    });
  };

  return {
    ...{ door, recorder, buy, use, instant, atRest, hourSettles, untilBilled, expectBilled },
    async close() {
      door.close();
      await world.stop();
      recorder.close();
    },
  };
}
export type MeteredWorld = Awaited<ReturnType<typeof meteredWorld>>;

const unitsOf = ({ records }: Bill): number => records.reduce((sum, { quantity }) => sum + quantity, 0);

import { createAccess } from "@tollhouse/client/access";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, example } from "@tollhouse/core/memory/example";
import { fixedClock } from "@tollhouse/core/time/clock";
import { accessSite } from "@tollhouse/functions/access/site";
import { configuration, startEngine } from "../engine.ts";
import { latencyOf, spreadOf } from "../statistics.ts";
import type { Measuring } from "../suite.ts";
import type { Figures } from "./figures.ts";

const size = { customers: 200, warmUp: 300, rounds: 6, misses: 400, cached: 300_000 };
const quickSize: typeof size = { customers: 5, warmUp: 5, rounds: 1, misses: 10, cached: 100 };

const now = at("2026-08-20T14:30:00Z");

interface Buyer {
  readonly license: string;
  readonly customer: string;
}

/** Puts buyers into the table, each with a license, a registration and what was bought. */
async function settle(store: LifecycleStore, customers: number): Promise<readonly Buyer[]> {
  const ports = { store, clock: fixedClock(now), waker: { wake: () => Promise.resolve() } };
  const buyers: Buyer[] = [];
  for (let index = 0; index < customers; index += 1) {
    const license = `l-${String(index).padStart(20, "0")}`;
    const buyerAccountId = `7${String(index).padStart(11, "0")}`;
    const named = { licenseArn: license, buyerAccountId };
    const agreementId = `agmt-${index}`;
    await recordFact(
      ports,
      configuration,
      example.licenseUpdated(`f-${index}`, "2026-08-20T10:00:00Z", { ...named, agreementId }),
    );
    await recordFact(ports, configuration, example.registered(`r-${index}`, "2026-08-20T10:01:00Z", named));
    const snapshot = {
      ...{ subscriptionId: license as SubscriptionId, version: 1, readAt: now, terms: [] },
      entitlements: [{ dimension: "seats", value: 25, expiresAt: at("2027-08-20T00:00:00Z") }],
    };
    await store.storeEntitlements(snapshot, []);
    buyers.push({ license, customer: customerIdOf({ buyerAccountId }) });
  }
  return buyers;
}

/** Runs the database, and the door's code and the client in this process. @throws StartError */
export async function measureAccess({ quick, onProgress }: Measuring): Promise<Figures> {
  const sizes = quick ? quickSize : size;
  onProgress("Starting DynamoDB Local");
  const engine = await startEngine();
  try {
    const credentials = { accessKeyId: "BENCH", secretAccessKey: "bench" };
    const client = makeDocumentClient({ endpoint: engine.databaseUrl, region: "us-east-1", credentials });
    let requests = 0;
    client.middlewareStack.add((next) => (args) => ((requests += 1), next(args)), { step: "initialize" });
    const store = dynamoLifecycleStore(lifecycleEntities(client, engine.tableName("Lifecycle")));
    onProgress(`Storing ${sizes.customers} customers`);
    const buyers = await settle(store, sizes.customers);
    const logger = makeLogger();
    logger.setLogLevel("SILENT");
    const site = accessSite({ store, clock: fixedClock(now) }, configuration, logger);
    const miss = async (subject: string): Promise<void> => {
      const response = await site.request(`/access?subject=${subject}`);
      const { allowed } = (await response.json()) as { allowed?: unknown };
      if (allowed !== true) throw new Error(`${subject} was refused, and nobody should be.`);
    };
    const plainRead = async (license: string) => {
      if ((await store.currentSubscription(license as SubscriptionId)) === undefined)
        throw new Error(`${license} is missing.`);
    };
    const kept = createAccess({
      ...{ url: "http://door.example.com/access", now: () => 0 },
      fetch: (url, init) => Promise.resolve(site.request(new Request(url, init))),
    });
    const timed = async (count: number, of: keyof Buyer, work: (subject: string) => Promise<void>) => {
      const latenciesMs: number[] = [];
      for (let index = 0; index < count; index += 1) {
        const subject = buyers[index % buyers.length]?.[of] ?? "";
        const begunMs = performance.now();
        await work(subject);
        latenciesMs.push(performance.now() - begunMs);
      }
      return latenciesMs;
    };
    const requestsOf = async (subject: string) => {
      const before = requests;
      await miss(subject);
      return requests - before;
    };

    onProgress("Warming up");
    await timed(sizes.warmUp, "license", miss);
    await timed(sizes.warmUp, "customer", miss);
    for (const { customer } of buyers) await kept.access(customer);
    const [first] = buyers;
    const requestsByLicense = await requestsOf(first?.license ?? "");
    const requestsByCustomer = await requestsOf(first?.customer ?? "");

    const byLicense: number[] = [];
    const byCustomer: number[] = [];
    const reads: number[] = [];
    const cachedPerSecond: number[] = [];
    for (let round = 0; round < sizes.rounds; round += 1) {
      onProgress(`Round ${round + 1} of ${sizes.rounds}`);
      byLicense.push(...(await timed(sizes.misses, "license", miss)));
      reads.push(...(await timed(sizes.misses, "license", plainRead)));
      byCustomer.push(...(await timed(sizes.misses, "customer", miss)));
      const begunMs = performance.now();
      for (let index = 0; index < sizes.cached; index += 1)
        await kept.access(buyers[index % buyers.length]?.customer ?? "");
      cachedPerSecond.push(sizes.cached / ((performance.now() - begunMs) / 1_000));
    }
    return {
      ...{ customers: sizes.customers, rounds: sizes.rounds, requestsByLicense, requestsByCustomer },
      cachedPerSecond: spreadOf(cachedPerSecond),
      missByLicense: latencyOf(byLicense),
      missByCustomer: latencyOf(byCustomer),
      plainRead: latencyOf(reads),
    };
  } finally {
    await engine.stop();
  }
}

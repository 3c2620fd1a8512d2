import { afterAll, beforeAll, describe } from "vitest";
import { hasJava } from "../../java.ts";
import { bookContract } from "./book.ts";
import { bookAccountContract } from "./book-account.ts";
import { type Database, makeStores, startDatabase } from "./database.ts";
import { foldContract } from "./fold.ts";
import { customerContract } from "./customer.ts";
import { directoryContract } from "./directory.ts";
import { entitlementContract } from "./entitlement.ts";
import { ledgerContract } from "./ledger.ts";
import { leaseContract } from "./lease.ts";
import { lifecycleContract } from "./lifecycle.ts";
import { oldItemContract } from "./old-item.ts";
import { outboxContract } from "./outbox.ts";
import { pendingContract } from "./pending.ts";
import { progressContract } from "./progress.ts";
import { runCounterContract } from "./run-counter.ts";
import { quarantineContract } from "./quarantine.ts";
import { shardHistoryContract } from "./shard-history.ts";
import { recordContract } from "./record.ts";
import { recordsOfBookContract } from "./records-of-book.ts";
import { suspicionsContract } from "./suspicions.ts";
import { switchesContract } from "./switches.ts";
import { usageLogContract } from "./usage-log.ts";
import { waitingContract } from "./waiting.ts";

describe.runIf(await hasJava("the stores in DynamoDB Local"))("in DynamoDB", () => {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database?.stop());
  const stores = () => makeStores(database?.endpoint ?? "");

  lifecycleContract(async () => (await stores()).lifecycle);
  customerContract(async () => (await stores()).lifecycle);
  directoryContract(async () => (await stores()).lifecycle);
  outboxContract(async () => (await stores()).lifecycle);
  entitlementContract(async () => (await stores()).lifecycle);
  quarantineContract(async () => (await stores()).quarantine);
  suspicionsContract(async () => (await stores()).suspicions);
  usageLogContract(async () => (await stores()).usageLog);
  foldContract(async () => (await stores()).folds);
  bookContract(async () => (await stores()).metering);
  bookAccountContract(async () => (await stores()).metering);
  recordContract(async () => (await stores()).metering);
  pendingContract(async () => (await stores()).metering);
  recordsOfBookContract(async () => (await stores()).metering);
  ledgerContract(stores);
  switchesContract(async () => (await stores()).switches);
  leaseContract(async (now) => {
    const { leases } = await stores();
    return () => leases(now);
  });
  oldItemContract(async () => {
    const { metering, client, table } = await stores();
    return { ...metering, client, table };
  });
  progressContract(async () => (await stores()).progress);
  runCounterContract(async () => (await stores()).runs);
  runCounterContract(async () => (await stores()).runWitness);
  shardHistoryContract(async () => (await stores()).shardHistory);
  waitingContract(async () => (await stores()).metering);
});

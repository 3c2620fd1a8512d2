import { memoryFoldStore } from "@tollhouse/core/memory/fold-store";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryMetering } from "@tollhouse/core/memory/metering-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { memorySuspicions } from "@tollhouse/core/memory/suspicions";
import { memoryUsageLog } from "@tollhouse/core/memory/usage-log";
import { describe } from "vitest";
import { bookContract, recordContract } from "./book.ts";
import { foldContract } from "./fold.ts";
import { lifecycleContract } from "./lifecycle.ts";
import { quarantineContract } from "./quarantine.ts";
import { suspicionsContract } from "./suspicions.ts";
import { usageLogContract } from "./usage-log.ts";

describe("in memory", () => {
  lifecycleContract(() => Promise.resolve(memoryLifecycle()));
  quarantineContract(() => Promise.resolve(memoryQuarantine()));
  suspicionsContract(() => Promise.resolve(memorySuspicions()));
  usageLogContract(() => Promise.resolve(memoryUsageLog()));
  foldContract(() => Promise.resolve(memoryFoldStore()));
  bookContract(() => Promise.resolve(memoryMetering()));
  recordContract(() => Promise.resolve(memoryMetering()));
});

import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { minuteMs } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Effect, Worker } from "./scheduler.ts";

/** As long as a lease lasts that is not kept. */
const leaseMs = minuteMs;

interface Lease {
  readonly order: number;
  readonly isTheirs: boolean;
}

/** Who may call AWS, and what of: one at a time, and nothing of what somebody stopped. */
export class CallAudit {
  private readonly catalogue: Catalogue;
  private readonly now: () => number;
  private readonly violate: (what: string) => void;
  /** What each worker was told of the lease. */
  private readonly leases = new Map<string, Lease[]>();
  private holder: { readonly name: string; readonly until: number } | undefined;
  private readonly looked = new Set<string>();
  /** Since when products are paused or held. */
  private readonly stopped = { paused: new Map<string, number>(), held: new Map<string, number>() };

  constructor(catalogue: Catalogue, now: () => number, violate: (what: string) => void) {
    this.catalogue = catalogue;
    this.now = now;
    this.violate = violate;
  }

  leased({ worker: { name }, order }: Effect, isTheirs: boolean): void {
    const now = this.now();
    const { holder } = this;
    if (isTheirs && holder !== undefined && holder.name !== name && now < holder.until)
      this.violate(`${name} was given the lease that ${holder.name} has`);
    if (isTheirs) this.holder = { name, until: now + leaseMs };
    else if (holder?.name === name) this.holder = undefined;
    this.leases.set(name, [...(this.leases.get(name) ?? []), { order, isTheirs }]);
  }

  switched(how: "paused" | "held", productCode: string, isOn: boolean): void {
    const since = this.stopped[how];
    if (!isOn) since.delete(productCode);
    else if (!since.has(productCode)) since.set(productCode, this.now());
  }

  /** Nothing of a product that was stopped before the worker began, nor of one that is only rehearsed. */
  sealed({ productCode }: UsageRecord, worker: Worker): void {
    for (const how of ["paused", "held"] as const)
      if (this.wasStopped(how, productCode, worker)) this.violate(`${how} ${productCode} was sealed`);
    if (this.catalogue.dryRun.has(productCode)) this.violate(`${productCode} was sealed in its dry run`);
  }

  /** What had been told of the lease when the call was asked for: it may be on its way for long. */
  submitted(records: readonly UsageRecord[], { worker, askedOrder, answer }: Effect): void {
    const lease = this.leases.get(worker.name)?.findLast(({ order }) => order < askedOrder);
    if (lease?.isTheirs !== true) this.violate(`${worker.name} calls AWS without the lease`);
    const productCode = records[0]?.productCode ?? "";
    if (this.wasStopped("paused", productCode, worker)) this.violate(`paused ${productCode} was sent`);
    const name = `${worker.name} ${productCode}`;
    if (this.wasStopped("held", productCode, worker) && records.length > 1 && !this.looked.has(name))
      this.violate(
        `${records.length} records of held ${productCode} were sent to see whether AWS takes them`,
      );
    // A product code that AWS takes no more says that it looks at what it is sent.
    if (answer !== null && typeof answer === "object" && "isOldIdentity" in answer) this.looked.add(name);
    if (this.catalogue.dryRun.has(productCode)) this.violate(`${productCode} was sent in its dry run`);
  }

  private wasStopped(how: "paused" | "held", productCode: string, { startedAt }: Worker): boolean {
    return (this.stopped[how].get(productCode) ?? Infinity) < startedAt;
  }
}

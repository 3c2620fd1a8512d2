import type { LifecycleEvent } from "@tollhouse/client/events";
import type { Buyer } from "@tollhouse/client/token";
import { millionths, shown } from "./quantity.ts";

/** So much of what was heard is shown. */
const mostHeard = 12;

/** One customer's workspace for one product. */
export interface Tenant {
  readonly customerId: string;
  readonly productCode: string;
  email?: string | undefined;
  /** What usage and questions about access name; the customer, until it is known. */
  subject: string;
  /** By dimension, in millionths. */
  readonly used: Map<string, bigint>;
  /** The latest first. */
  readonly heard: readonly string[];
}

/** What was heard of one customer's subscription to one product; events may come before the buyer does. */
interface Heard {
  subscriptionId: string | undefined;
  readonly lines: string[];
}

/** The app's tenants, in memory: a real product has a database. */
export class Tenants {
  private readonly all = new Map<string, Tenant>();
  private readonly heard = new Map<string, Heard>();

  /** The tenant of a buyer who was handed over; coming again finds the same one. */
  enter({ customerId, productCode, subscriptionId, email }: Buyer): Tenant {
    const key = keyOf(customerId, productCode);
    const heard = this.heardOf(key);
    const tenant: Tenant = this.all.get(key) ?? {
      ...{ customerId, productCode, subject: customerId, used: new Map(), heard: heard.lines },
    };
    tenant.subject = subscriptionId ?? heard.subscriptionId ?? tenant.subject;
    if (email !== undefined) tenant.email = email;
    this.all.set(key, tenant);
    return tenant;
  }

  /** What happened to a subscription, told by Tollhouse. */
  hear({ type, time, data }: LifecycleEvent): void {
    if ("subscription" in data) {
      const { id, customerId, productCode, grant } = data.subscription;
      if (customerId === undefined) return;
      const key = keyOf(customerId, productCode);
      const heard = this.heardOf(key);
      note(heard, type, time);
      // After a renewal under a new license the old one goes on being told of: what is in force counts.
      if (heard.subscriptionId !== undefined && grant.state !== "active") return;
      heard.subscriptionId = id;
      const tenant = this.all.get(key);
      if (tenant !== undefined) tenant.subject = id;
    } else if ("subscriptionId" in data) {
      for (const heard of this.heard.values())
        if (heard.subscriptionId === data.subscriptionId) note(heard, type, time);
    } else if (type === "customer.erased") {
      for (const key of [...this.heard.keys()])
        if (key.startsWith(keyOf(data.customer.id, ""))) {
          this.all.delete(key);
          this.heard.delete(key);
        }
    }
  }

  /** Whether the tenant is still one: what was erased is not. */
  has(tenant: Tenant): boolean {
    return this.all.get(keyOf(tenant.customerId, tenant.productCode)) === tenant;
  }

  private heardOf(key: string): Heard {
    const heard = this.heard.get(key) ?? { subscriptionId: undefined, lines: [] };
    this.heard.set(key, heard);
    return heard;
  }
}

const keyOf = (customerId: string, productCode: string): string => `${customerId} ${productCode}`;

function note({ lines }: Heard, type: string, time: string): void {
  lines.unshift(`${time.slice(0, 16).replace("T", " ")} ${type}`);
  lines.length = Math.min(lines.length, mostHeard);
}

/** Counts what was used. */
export function count({ used }: Tenant, dimension: string, quantity: string): void {
  used.set(dimension, (used.get(dimension) ?? 0n) + (millionths(quantity) ?? 0n));
}

export const usedBy = ({ used }: Tenant): Record<string, string> =>
  Object.fromEntries([...used].map(([dimension, amount]) => [dimension, shown(amount)]));

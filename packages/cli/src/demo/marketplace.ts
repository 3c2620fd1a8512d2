import * as z from "zod";

/** What a buyer, and time itself, can do at AWS Marketplace; spoken to the simulator. */
export interface Marketplace {
  now(): Promise<string>;
  setClock(change: { rate?: number; advanceSeconds?: number; now?: string }): Promise<void>;
  subscribe(request: {
    productCode: string;
    buyerAccountId: string;
    entitlements?: readonly unknown[];
  }): Promise<Agreement>;
  cancel(agreementId: string): Promise<void>;
  billedTotals(): Promise<readonly BilledTotal[]>;
  /** What AWS took, record by record. */
  billedRecords(): Promise<readonly BilledRecord[]>;
  /** Everything that passes by itself goes wrong from now on, some of it for certain. */
  beginChaos(certain: readonly object[]): Promise<void>;
  faults(): Promise<readonly StruckFault[]>;
}

const agreementSchema = z.object({
  agreementId: z.string(),
  licenseArn: z.string(),
  customerIdentifier: z.string().optional(),
  registrationToken: z.string(),
});
export type Agreement = z.output<typeof agreementSchema>;

const totalSchema = z.object({
  productCode: z.string(),
  buyerAccountId: z.string(),
  dimension: z.string(),
  quantity: z.number(),
});
export type BilledTotal = z.output<typeof totalSchema>;

const recordSchema = totalSchema.extend({ hour: z.string() });
export type BilledRecord = z.output<typeof recordSchema>;

const faultsSchema = z.object({
  rules: z.array(z.object({ on: z.string(), fault: z.string(), struck: z.number() })),
});
type StruckFault = z.output<typeof faultsSchema>["rules"][number];

export function simulatedMarketplace(url: string): Marketplace {
  const call = async (path: string, body?: unknown, method = "POST"): Promise<unknown> => {
    const response = await fetch(`${url}/_simulator/${path}`, {
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined
        ? {}
        : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`The simulator answered ${response.status} to ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    now: async () => z.object({ now: z.string() }).parse(await call("clock")).now,
    async setClock(change) {
      await call("clock", change);
    },
    subscribe: async (request) => agreementSchema.parse(await call("agreements", request)),
    async cancel(agreementId) {
      await call(`agreements/${agreementId}/cancel`, {});
    },
    billedTotals: async () => z.object({ totals: z.array(totalSchema) }).parse(await call("bill")).totals,
    billedRecords: async () => z.object({ records: z.array(recordSchema) }).parse(await call("bill")).records,
    async beginChaos(certain) {
      await call("faults", { rules: certain }, "PUT");
      await call("faults/chaos", {}, "PUT");
    },
    faults: async () => faultsSchema.parse(await call("faults")).rules,
  };
}

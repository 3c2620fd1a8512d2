import { type Catalogue, findProduct, speaksSns } from "../catalogue.ts";
import { customerIdentifierOf } from "../identity.ts";
import type { State } from "../state.ts";
import { hourText } from "../time.ts";
import { tagSetText } from "./allocation.ts";
import type { Allocated, MeteringRecord } from "./record.ts";

export interface BillFilter {
  readonly productCode?: string | undefined;
  readonly buyerAccountId?: string | undefined;
  readonly licenseArn?: string | undefined;
}

interface BillRecord {
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly licenseArn: string;
  readonly customerIdentifier?: string;
  readonly dimension: string;
  readonly hour: string;
  readonly quantity: number;
  /** How the quantity is made up; usage that was not split is one part without tags. */
  readonly allocations: readonly Allocated[];
  /** Whether it was reported by product code or by license, and in which Region: AWS adds up what differs in these. */
  readonly by: MeteringRecord["by"];
  readonly region: string;
  readonly meteringRecordId: string;
  readonly acceptedAt: string;
}

type BillTotal = Pick<BillRecord, "productCode" | "buyerAccountId" | "licenseArn" | "dimension" | "quantity">;

type TagTotal = BillTotal & Pick<Allocated, "tags">;

interface Bill {
  readonly records: readonly BillRecord[];
  /** For each license and dimension. */
  readonly totals: readonly BillTotal[];
  /** For each license, dimension and set of tags. */
  readonly tagTotals: readonly TagTotal[];
}

/** What the buyers are charged for, record by record and added up. */
export function bill(catalogue: Catalogue, state: State, filter: BillFilter = {}): Bill {
  const records = Object.values(state.records)
    .filter(
      ({ productCode, buyerAccountId, licenseArn }) =>
        productCode === (filter.productCode ?? productCode) &&
        buyerAccountId === (filter.buyerAccountId ?? buyerAccountId) &&
        licenseArn === (filter.licenseArn ?? licenseArn),
    )
    .map((record) => lineOf(catalogue, record));
  return {
    records,
    totals: addedUp(records.map(totalOf)),
    tagTotals: addedUp(
      records.flatMap((record) => record.allocations.map((part) => ({ ...totalOf(record), ...part }))),
    ),
  };
}

const lineOf = (catalogue: Catalogue, record: MeteringRecord): BillRecord => ({
  productCode: record.productCode,
  buyerAccountId: record.buyerAccountId,
  licenseArn: record.licenseArn,
  ...(speaksSns(findProduct(catalogue, record.productCode))
    ? { customerIdentifier: customerIdentifierOf(catalogue.sellerAccountId, record.buyerAccountId) }
    : {}),
  dimension: record.dimension,
  hour: hourText(record.hourAtMs),
  quantity: record.quantity,
  allocations:
    record.allocations.length === 0 ? [{ tags: [], quantity: record.quantity }] : record.allocations,
  by: record.by,
  region: record.region,
  meteringRecordId: record.meteringRecordId,
  acceptedAt: new Date(record.acceptedAtMs).toISOString(),
});

const totalOf = ({
  productCode,
  buyerAccountId,
  licenseArn,
  dimension,
  quantity,
}: BillRecord): BillTotal => ({
  productCode,
  buyerAccountId,
  licenseArn,
  dimension,
  quantity,
});

/** One of all that agree in license, dimension and, where they have them, tags. */
function addedUp<Total extends BillTotal & Partial<TagTotal>>(parts: readonly Total[]): Total[] {
  const totals = new Map<string, Total>();
  for (const part of parts) {
    const key = [part.licenseArn, part.dimension, tagSetText(part.tags ?? [])].join("|");
    totals.set(key, { ...part, quantity: (totals.get(key)?.quantity ?? 0) + part.quantity });
  }
  return [...totals.values()];
}

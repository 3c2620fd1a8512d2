import { type Catalogue, findProduct, speaksSns } from "../catalogue.ts";
import { customerIdentifierOf } from "../identity.ts";
import type { State } from "../state.ts";
import { hourText } from "../time.ts";
import type { MeteringRecord } from "./record.ts";

export interface BillFilter {
  readonly productCode?: string | undefined;
  readonly buyerAccountId?: string | undefined;
}

export interface BillRecord {
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly licenseArn: string;
  readonly customerIdentifier?: string;
  readonly dimension: string;
  readonly hour: string;
  readonly quantity: number;
  readonly meteringRecordId: string;
  readonly acceptedAt: string;
}

export type BillTotal = Pick<
  BillRecord,
  "productCode" | "buyerAccountId" | "licenseArn" | "dimension" | "quantity"
>;

/** What the buyers are charged for, record by record and added up for each license and dimension. */
export function bill(
  catalogue: Catalogue,
  state: State,
  filter: BillFilter = {},
): { readonly records: readonly BillRecord[]; readonly totals: readonly BillTotal[] } {
  const records = Object.values(state.records)
    .filter(
      ({ productCode, buyerAccountId }) =>
        productCode === (filter.productCode ?? productCode) &&
        buyerAccountId === (filter.buyerAccountId ?? buyerAccountId),
    )
    .map((record) => lineOf(catalogue, record));
  return { records, totals: addedUp(records) };
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
  meteringRecordId: record.meteringRecordId,
  acceptedAt: new Date(record.acceptedAtMs).toISOString(),
});

function addedUp(records: readonly BillRecord[]): BillTotal[] {
  const totals = new Map<string, BillTotal>();
  for (const { productCode, buyerAccountId, licenseArn, dimension, quantity } of records) {
    const key = `${licenseArn}|${dimension}`;
    const before = totals.get(key)?.quantity ?? 0;
    totals.set(key, { productCode, buyerAccountId, licenseArn, dimension, quantity: before + quantity });
  }
  return [...totals.values()];
}

import type { Agreement } from "../agreement/agreement.ts";
import { type Tenure, tenureOfLicense, tenuresOf } from "../agreement/tenure.ts";
import type { Catalogue, Product } from "../catalogue.ts";
import { customerIdentifierOf } from "../identity.ts";
import { findListing, takesProductCode } from "../listing.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import type { BatchMeterUsageRequest, UsageRecord } from "./record.ts";

/** A record with what the buyer held that it could be about: one license, or each subscription to an old listing. */
export interface Located {
  readonly record: UsageRecord;
  readonly timestampMs: number;
  readonly tenures: readonly Tenure[];
}

export interface Batch {
  readonly product: Product;
  readonly by: "product-code" | "license";
  readonly located: readonly Located[];
}

const invalidLicense = (message: string): Refusal => refusal("InvalidLicenseException", message);
const invalidProductCode = (message: string): Refusal => refusal("InvalidProductCodeException", message);
const invalidCustomer = (message: string): Refusal => refusal("InvalidCustomerIdentifierException", message);

const withTime = (record: UsageRecord, tenures: readonly Tenure[]): Located => ({
  record,
  timestampMs: Math.round(record.Timestamp * 1_000),
  tenures,
});

/**
 * Whom the request is about: a product code for old listings, licenses for new ones, never both
 * (API reference: BatchMeterUsage, Concurrent Agreements). Which exception AWS gives for both is not documented.
 */
export function locate(
  catalogue: Catalogue,
  state: State,
  request: BatchMeterUsageRequest,
): Batch | { readonly refusal: Refusal } {
  if (request.ProductCode === undefined) return locateByLicense(catalogue, state, request.UsageRecords);
  if (request.UsageRecords.some(({ LicenseArn }) => LicenseArn !== undefined))
    return { refusal: invalidProductCode("ProductCode must not be sent together with LicenseArn.") };
  return locateByProductCode(catalogue, state, request.ProductCode, request.UsageRecords);
}

function locateByProductCode(
  catalogue: Catalogue,
  state: State,
  productCode: string,
  records: readonly UsageRecord[],
): Batch | { readonly refusal: Refusal } {
  const product = findListing(catalogue, state, productCode);
  if (product === undefined)
    return { refusal: invalidProductCode(`The product code ${productCode} is not one of yours.`) };
  if (!takesProductCode(product))
    return { refusal: invalidProductCode("ProductCode is not supported for this product: send LicenseArn.") };
  const ofAccount = Map.groupBy(Object.values(state.agreements), ({ buyerAccountId }) => buyerAccountId);
  const accounts = accountsByIdentifier(catalogue, ofAccount.keys());
  if (records.some(({ CustomerIdentifier: name }) => name !== undefined && !accounts.has(name)))
    return {
      refusal: invalidCustomer("You have metered usage for a CustomerIdentifier that does not exist."),
    };
  const heldBy = ({ CustomerAWSAccountId, CustomerIdentifier = "" }: UsageRecord): Agreement[] =>
    (ofAccount.get(CustomerAWSAccountId ?? accounts.get(CustomerIdentifier) ?? "") ?? []).filter(
      (agreement) => agreement.productCode === productCode,
    );
  const located = records.map((record) => withTime(record, tenuresOf(heldBy(record))));
  return { product, by: "product-code", located };
}

const accountsByIdentifier = (catalogue: Catalogue, accountIds: Iterable<string>): Map<string, string> =>
  new Map(Array.from(accountIds, (id) => [customerIdentifierOf(catalogue.sellerAccountId, id), id]));

function locateByLicense(
  catalogue: Catalogue,
  state: State,
  records: readonly UsageRecord[],
): Batch | { readonly refusal: Refusal } {
  if (records.some(({ CustomerIdentifier }) => CustomerIdentifier !== undefined))
    return { refusal: invalidCustomer("CustomerIdentifier is not supported together with LicenseArn.") };
  const located: Located[] = [];
  for (const record of records) {
    const tenure = tenureOfLicense(state, record.LicenseArn);
    if (tenure === undefined || tenure.first.buyerAccountId !== record.CustomerAWSAccountId)
      return { refusal: invalidLicense("Ensure the LicenseArn is valid and matches the customer.") };
    located.push(withTime(record, [tenure]));
  }
  const codes = new Set(located.flatMap(({ tenures }) => tenures.map(({ first }) => first.productCode)));
  const product = findListing(catalogue, state, [...codes][0] ?? "");
  if (codes.size !== 1 || product === undefined)
    return {
      refusal: invalidLicense("Each request is for one product: the licenses name several, or none."),
    };
  return { product, by: "license", located };
}

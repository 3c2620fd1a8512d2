import { type Agreement, isActivated, type PurchasedEntitlement } from "../agreement/agreement.ts";
import { type Catalogue, findProduct, type Product, speaksSns } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { customerIdentifierOf } from "../identity.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { State } from "../state.ts";

type FilterKey = "CUSTOMER_AWS_ACCOUNT_ID" | "CUSTOMER_IDENTIFIER" | "DIMENSION" | "LICENSE_ARN";

export interface GetEntitlementsRequest {
  readonly ProductCode: string;
  readonly Filter?: Readonly<Partial<Record<FilterKey, readonly string[] | undefined>>> | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Entitlement {
  readonly ProductCode: string;
  readonly Dimension: string;
  readonly CustomerIdentifier?: string;
  readonly CustomerAWSAccountId: string;
  readonly LicenseArn: string;
  /** Epoch seconds. */
  readonly ExpirationDate?: number;
  readonly Value: Readonly<Record<string, number | boolean | string>>;
}

export interface GetEntitlementsAnswer {
  readonly Entitlements: readonly Entitlement[];
  readonly NextToken?: string;
}

/** API reference: GetEntitlements, MaxResults. */
const maxPageSize = 25;

/**
 * What buyers hold at `nowMs` (API reference: GetEntitlements). Pages are cut before the filter is applied, so that a page
 * may be empty and still name a next one, as AWS documents.
 */
export function getEntitlements(
  catalogue: Catalogue,
  state: State,
  request: GetEntitlementsRequest,
  nowMs: number,
): Decision<GetEntitlementsAnswer> {
  const product = findProduct(catalogue, request.ProductCode);
  if (product === undefined)
    return refused(invalid(`The product code ${request.ProductCode} is not one of yours.`));
  const problem = problemOf(product, request);
  if (problem !== undefined) return refused(problem);

  const rows = held(catalogue, product, state, nowMs);
  const from = request.NextToken === undefined ? 0 : offsetOf(request.NextToken);
  if (from === undefined) return refused(invalid("The NextToken is invalid."));
  const until = from + (request.MaxResults ?? maxPageSize);
  return decided({
    Entitlements: rows.slice(from, until).filter((row) => matches(row, request.Filter)),
    ...(until < rows.length ? { NextToken: nextToken(until) } : {}),
  });
}

const invalid = (message: string): Refusal => refusal("InvalidParameterException", message);

function problemOf(product: Product, { Filter, MaxResults }: GetEntitlementsRequest): Refusal | undefined {
  if (MaxResults !== undefined && !(MaxResults >= 1 && MaxResults <= maxPageSize))
    return invalid(`MaxResults must be between 1 and ${maxPageSize}.`);
  if (Object.values(Filter ?? {}).some((values) => values?.length === 0))
    return invalid("A filter needs at least one value.");
  if (Filter?.CUSTOMER_IDENTIFIER === undefined) return undefined;
  if (Filter.CUSTOMER_AWS_ACCOUNT_ID !== undefined)
    return invalid("CUSTOMER_IDENTIFIER and CUSTOMER_AWS_ACCOUNT_ID are mutually exclusive.");
  if (!speaksSns(product)) return invalid("CUSTOMER_IDENTIFIER is not supported for this product.");
  return undefined;
}

/** One row for each agreement and dimension, from activation to the end; a row's place never depends on the filter. */
const held = (catalogue: Catalogue, product: Product, state: State, nowMs: number): Entitlement[] =>
  Object.values(state.agreements)
    .filter((agreement) => agreement.productCode === product.code && isHeld(agreement, nowMs))
    .flatMap((agreement) =>
      agreement.entitlements.map((entitlement) => rowOf(catalogue, product, agreement, entitlement)),
    );

const isHeld = (agreement: Agreement, nowMs: number): boolean =>
  isActivated(agreement, nowMs) && (agreement.end === null || nowMs < agreement.end.endedAtMs);

const rowOf = (
  catalogue: Catalogue,
  product: Product,
  agreement: Agreement,
  { dimension, value }: PurchasedEntitlement,
): Entitlement => ({
  ProductCode: product.code,
  Dimension: dimension,
  ...(speaksSns(product)
    ? { CustomerIdentifier: customerIdentifierOf(catalogue.sellerAccountId, agreement.buyerAccountId) }
    : {}),
  CustomerAWSAccountId: agreement.buyerAccountId,
  LicenseArn: agreement.licenseArn,
  ...(agreement.endAtMs === null ? {} : { ExpirationDate: agreement.endAtMs / 1_000 }),
  Value: valueOf(value),
});

function valueOf(value: PurchasedEntitlement["value"]): Entitlement["Value"] {
  if (typeof value === "boolean") return { BooleanValue: value };
  if (typeof value === "string") return { StringValue: value };
  return Number.isInteger(value) ? { IntegerValue: value } : { DoubleValue: value };
}

/** Values of one key are alternatives; keys must all match. */
function matches(row: Entitlement, filter: GetEntitlementsRequest["Filter"]): boolean {
  const allows = (key: FilterKey, value: string | undefined): boolean => {
    const values = filter?.[key];
    return values === undefined || (value !== undefined && values.includes(value));
  };
  return (
    allows("CUSTOMER_AWS_ACCOUNT_ID", row.CustomerAWSAccountId) &&
    allows("CUSTOMER_IDENTIFIER", row.CustomerIdentifier) &&
    allows("DIMENSION", row.Dimension) &&
    allows("LICENSE_ARN", row.LicenseArn)
  );
}

const nextToken = (offset: number): string => Buffer.from(`page:${offset}`).toString("base64url");

function offsetOf(token: string): number | undefined {
  const [, digits] = /^page:(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, findProduct } from "../catalogue.ts";
import type { Refusal } from "../refusal.ts";
import { endTimeBehavior, invalid, lastUpdateMs, statusOf } from "./record.ts";

export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** An agreement as filters see it. */
interface Seen {
  readonly catalogue: Catalogue;
  readonly agreement: Agreement;
  readonly nowMs: number;
}

/** What a filter compares its values with. */
const texts: Readonly<Record<string, (seen: Seen) => string | undefined>> = {
  ResourceIdentifier: ({ catalogue, agreement }) => findProduct(catalogue, agreement.productCode)?.id,
  ResourceType: () => "SaaSProduct",
  PartyType: () => "Proposer",
  AgreementType: () => "PurchaseAgreement",
  AcceptorAccountId: ({ agreement }) => agreement.buyerAccountId,
  OfferId: ({ agreement }) => agreement.offerId,
  OfferSetId: () => undefined,
  Status: ({ agreement, nowMs }) => statusOf(agreement, nowMs),
  InitialAgreementId: ({ agreement }) => agreement.initialAgreementId,
  LicenseArn: ({ agreement }) => agreement.licenseArn,
  EndTimeBehaviorType: ({ agreement, nowMs }) => endTimeBehavior(agreement, nowMs)?.type,
  EndTimeBehaviorReasonCode: ({ agreement, nowMs }) => endTimeBehavior(agreement, nowMs)?.reasonCode,
};

const instants: Readonly<Record<string, (seen: Seen) => number | null>> = {
  EndTime: ({ agreement }) => agreement.endAtMs,
  StartTime: ({ agreement }) => agreement.startAtMs,
  LastUpdateTime: ({ agreement, nowMs }) => lastUpdateMs(agreement, nowMs),
};

const instantFilter = (name: string) => {
  const [, side, field] = /^(Before|After)(\w+)$/.exec(name) ?? [];
  return field !== undefined && Object.hasOwn(instants, field)
    ? { isBefore: side === "Before", read: instants[field] }
    : undefined;
};

/**
 * Why AWS would not search by these, if so: the kind of agreement and the caller's part in it must be named, and every
 * filter be one that there is (Agreement API reference, SearchAgreements).
 */
export function problemOfFilters(filters: readonly Filter[]): Refusal | undefined {
  const unknown = filters.find(({ name }) => !Object.hasOwn(texts, name) && !instantFilter(name));
  if (unknown !== undefined)
    return invalid(`there is no filter ${unknown.name || "without a name"}`, "INVALID_FILTER_NAME");
  if (filters.some(({ values }) => values.length === 0))
    return invalid("every filter needs a value", "MISSING_FILTER_VALUES");
  const undated = filters.some(
    ({ name, values }) =>
      instantFilter(name) && (values.length > 1 || Number.isNaN(Date.parse(values[0] ?? ""))),
  );
  if (undated) return invalid("a filter by time takes one instant", "INVALID_FILTER_VALUES");
  const valuesOf = (wanted: string) =>
    filters.filter(({ name }) => name === wanted).flatMap(({ values }) => values);
  if (valuesOf("AgreementType").join() !== "PurchaseAgreement")
    return invalid("name the AgreementType PurchaseAgreement", "INVALID_AGREEMENT_TYPE");
  if (!["Proposer", "Acceptor"].includes(valuesOf("PartyType").join()))
    return invalid("name the PartyType", "INVALID_PARTY_TYPE");
  return undefined;
}

/** Values of one filter are alternatives; filters must all match. An agreement without an end matches none about it. */
export const matches = (seen: Seen, filters: readonly Filter[]): boolean =>
  filters.every(({ name, values }) => {
    const timed = instantFilter(name);
    if (timed === undefined) return values.includes(texts[name]?.(seen) ?? "");
    const [atMs, limitMs] = [timed.read?.(seen) ?? null, Date.parse(values[0] ?? "")];
    return atMs !== null && (timed.isBefore ? atMs < limitMs : atMs > limitMs);
  });

import type { Agreement } from "../agreement/agreement.ts";
import type { Catalogue } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import type { State } from "../state.ts";
import { type Filter, matches, problemOfFilters } from "./filter.ts";
import { pageOf, type PageRequest } from "./page.ts";
import {
  endTimeBehavior,
  epochSeconds,
  invalid,
  lastUpdateMs,
  proposedBySeller,
  statusOf,
  summaryOf,
} from "./record.ts";

export interface SearchAgreementsRequest extends PageRequest {
  readonly catalog?: string | undefined;
  readonly filters?: readonly Filter[] | undefined;
  readonly sort?:
    { readonly sortBy?: string | undefined; readonly sortOrder?: string | undefined } | undefined;
}

/** API reference: SearchAgreements, maxResults. */
const maxPageSize = 50;

const sortable: Readonly<Record<string, (agreement: Agreement, nowMs: number) => number | null>> = {
  EndTime: ({ endAtMs }) => endAtMs,
  StartTime: ({ startAtMs }) => startAtMs,
  LastUpdateTime: lastUpdateMs,
};

/**
 * The agreements that the seller proposed and that match, page by page (Agreement API reference: SearchAgreements).
 * The seller has accepted none, so that searching as the acceptor finds nothing. Agreements without an end come last.
 */
export function searchAgreements(
  catalogue: Catalogue,
  state: State,
  request: SearchAgreementsRequest,
  nowMs: number,
) {
  const { filters = [], sort = {} } = request;
  const { sortBy = "EndTime", sortOrder = "ASCENDING" } = sort;
  const read = Object.hasOwn(sortable, sortBy) ? sortable[sortBy] : undefined;
  if ((request.catalog ?? "AWSMarketplace") !== "AWSMarketplace")
    return refused(invalid("there is one catalog: AWSMarketplace", "INVALID_CATALOG"));
  if (read === undefined) return refused(invalid(`nothing is sorted by ${sortBy}`, "INVALID_SORT_BY"));
  if (sortOrder !== "ASCENDING" && sortOrder !== "DESCENDING")
    return refused(invalid("sort ASCENDING or DESCENDING", "INVALID_SORT_ORDER"));
  const problem = problemOfFilters(filters);
  if (problem !== undefined) return refused(problem);

  const rows = proposedBySeller(catalogue, state)
    .filter((agreement) => matches({ catalogue, agreement, nowMs }, filters))
    .map((agreement) => ({ agreement, key: keyOf(agreement.id, read(agreement, nowMs), sortOrder) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = pageOf(rows, request, maxPageSize);
  if ("refusal" in page) return page;
  return decided({
    agreementViewSummaries: page.rows.map(({ agreement }) => viewOf(catalogue, agreement, nowMs)),
    ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
  }) satisfies Decision<unknown>;
}

/** A text in whose alphabetical order the agreements are wanted: the instant in 15 digits, then the id. */
function keyOf(id: string, atMs: number | null, sortOrder: "ASCENDING" | "DESCENDING"): string {
  const mostMs = 999_999_999_999_999;
  const placeMs = sortOrder === "ASCENDING" ? (atMs ?? mostMs) : mostMs - (atMs ?? 0);
  return `${String(placeMs).padStart(15, "0")} ${id}`;
}

function viewOf(catalogue: Catalogue, agreement: Agreement, nowMs: number) {
  const behavior = endTimeBehavior(agreement, nowMs);
  return {
    ...summaryOf(catalogue, agreement),
    status: statusOf(agreement, nowMs),
    lastUpdateTime: epochSeconds(lastUpdateMs(agreement, nowMs)),
    entitlements: agreement.paymentFails ? [] : [{ licenseArn: agreement.licenseArn }],
    ...(behavior === undefined ? {} : { endTimeBehaviorType: behavior.type }),
    ...(behavior?.reasonCode === undefined ? {} : { endTimeBehaviorReasonCode: behavior.reasonCode }),
  };
}

import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, type Dimension, findProduct, hasContract, type Product } from "../catalogue.ts";
import { decided } from "../decision.ts";
import { uuidOf } from "../identity.ts";
import type { State } from "../state.ts";
import { dayMs } from "../time.ts";
import { pageOf, type PageRequest } from "./page.ts";
import { epochSeconds, findProposed } from "./record.ts";

/** API reference: GetAgreementTerms, maxResults. */
const maxPageSize = 10;

/** What was accepted, term by term (Agreement API reference: GetAgreementTerms). Refuses an agreement of another proposer. */
export function getAgreementTerms(
  catalogue: Catalogue,
  state: State,
  request: PageRequest & { readonly agreementId: string },
) {
  const agreement = findProposed(catalogue, state, request.agreementId);
  if ("refusal" in agreement) return agreement;
  const product = findProduct(catalogue, agreement.productCode);
  const terms = product === undefined ? [] : termsOf(product, agreement);
  const rows = terms.map((term, index) => ({ term, key: `${index} ${agreement.id}` }));
  const page = pageOf(rows, request, maxPageSize);
  if ("refusal" in page) return page;
  return decided({
    acceptedTerms: page.rows.map(({ term }) => term),
    ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
  });
}

type Term = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const termOf = (agreement: Agreement, type: string, fields: Readonly<Record<string, unknown>>): Term => ({
  [type.slice(0, 1).toLowerCase() + type.slice(1)]: {
    type,
    id: `term-${uuidOf(agreement.id, type).slice(0, 13)}`,
    ...fields,
  },
});

function termsOf(product: Product, agreement: Agreement): Term[] {
  const metered = product.dimensions.filter(({ types }) => types.includes("ExternallyMetered"));
  const documents = [{ type: "StandardEula", version: "2022-07-14" }];
  return [
    ...(metered.length > 0
      ? [
          termOf(agreement, "UsageBasedPricingTerm", {
            currencyCode: "USD",
            rateCards: [{ rateCard: rates(metered) }],
          }),
        ]
      : []),
    ...(hasContract(product) ? [contract(product, agreement)] : []),
    ...(agreement.freeTrial
      ? [termOf(agreement, "FreeTrialPricingTerm", { duration: "P30D", grants: grants(product) })]
      : []),
    validity(agreement),
    ...(agreement.endAtMs === null
      ? []
      : [termOf(agreement, "RenewalTerm", { configuration: { enableAutoRenew: agreement.autoRenew } })]),
    termOf(agreement, "LegalTerm", { documents }),
  ];
}

/** Prices are not the simulator's: a dimension costs what a listing in test costs. */
const rates = (dimensions: readonly Dimension[]) =>
  dimensions.map(({ key }) => ({ dimensionKey: key, price: "0.001" }));

const grants = (product: Product) => product.dimensions.map(({ key }) => ({ dimensionKey: key }));

function contract(product: Product, agreement: Agreement): Term {
  const duration = durationOf(agreement);
  const entitled = product.dimensions.filter(({ types }) => types.includes("Entitled"));
  const dimensions = agreement.entitlements.map(({ dimension, value }) => ({
    dimensionKey: dimension,
    dimensionValue: typeof value === "number" ? Math.floor(value) : 1,
  }));
  return termOf(agreement, "ConfigurableUpfrontPricingTerm", {
    currencyCode: "USD",
    rateCards: [{ selector: { type: "Duration", value: duration }, rateCard: rates(entitled) }],
    configuration: { selectorValue: duration, dimensions },
  });
}

function validity(agreement: Agreement): Term {
  const { startAtMs, acceptedAtMs, endAtMs } = agreement;
  return termOf(agreement, "ValidityTerm", {
    ...(endAtMs === null ? {} : { agreementDuration: durationOf(agreement) }),
    ...(startAtMs > acceptedAtMs ? { agreementStartDate: epochSeconds(startAtMs) } : {}),
    ...(endAtMs === null ? {} : { agreementEndDate: epochSeconds(endAtMs) }),
  });
}

const durationOf = ({ startAtMs, endAtMs }: Agreement): string =>
  `P${Math.max(1, Math.round(((endAtMs ?? startAtMs) - startAtMs) / dayMs))}D`;

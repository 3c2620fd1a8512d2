import {
  type AgreementViewSummary,
  MarketplaceAgreementClient,
  SearchAgreementsCommand,
  type SearchAgreementsCommandOutput,
} from "@aws-sdk/client-marketplace-agreement";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import {
  type AgreementReader,
  agreementStatuses,
  type ObservedAgreement,
} from "@tollhouse/core/reconciliation/agreement-reader";
import { type Instant, instant, laterBy, secondMs } from "@tollhouse/core/time/instant";
import { clientSettings } from "../client-settings.ts";
import { asUnavailable, MarketplaceUnavailableError } from "./error.ts";
import { agreementCallsPerSecond, pace } from "./pace.ts";
import { sellerRole } from "./role.ts";

const operation = "SearchAgreements";
/** A bound on one reading, far above what a listing has. */
const maxPages = 10_000;

/**
 * SearchAgreements through the seller's lifecycle role, in us-east-1, the only Region that has it. It gives all that is asked
 * for, licenses too (SearchAgreements reference, autumn 2026), so that no second call for each agreement is needed.
 */
export function marketplaceAgreementReader(
  configuration: Configuration,
  sessionName: string,
  logger: { warn(message: string, more: Readonly<Record<string, unknown>>): void },
): AgreementReader {
  const role = sellerRole(configuration, "lifecycle", sessionName);
  const client = new MarketplaceAgreementClient({
    ...clientSettings,
    region: "us-east-1",
    credentials: role.credentials,
  });
  const readPage = pace(agreementCallsPerSecond, (productId: string, since: Instant, token?: string) =>
    client.send(new SearchAgreementsCommand(toRequest(productId, since, token))).catch((error: unknown) => {
      throw asUnavailable(error, { operation, role });
    }),
  );
  return {
    async *agreements(productId, since) {
      const nameless: string[] = [];
      let token: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const answer: SearchAgreementsCommandOutput = await readPage(productId, since, token);
        for (const summary of answer.agreementViewSummaries ?? []) {
          const agreement = toAgreement(summary);
          if (agreement === undefined) nameless.push(summary.agreementId ?? "one without an id");
          else if (agreement.changedAt === undefined || agreement.changedAt >= since) yield agreement;
        }
        token = answer.nextToken;
        // An empty page may still name a next one.
        if (token === undefined || token === "") {
          if (nameless.length > 0)
            logger.warn("AWS showed agreements without a buyer; they are not compared", {
              agreementIds: nameless,
            });
          return;
        }
      }
      throw new MarketplaceUnavailableError(operation, `more than ${maxPages} pages`, undefined);
    },
  };
}

/**
 * The filter says "after", so we ask from a second earlier and leave out what is too old ourselves. In the order of change: an
 * agreement that changes while we read moves to the end, and is met again instead of being missed.
 */
const toRequest = (productId: string, since: Instant, nextToken: string | undefined) => ({
  catalog: "AWSMarketplace",
  filters: [
    { name: "PartyType", values: ["Proposer"] },
    { name: "AgreementType", values: ["PurchaseAgreement"] },
    { name: "ResourceIdentifier", values: [productId] },
    ...(since > 0 ? [{ name: "AfterLastUpdateTime", values: [wholeSecond(laterBy(since, -secondMs))] }] : []),
  ],
  sort: { sortBy: "LastUpdateTime", sortOrder: "ASCENDING" as const },
  nextToken,
});

const wholeSecond = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** AWS types every field as optional; an agreement without an id or a buyer says nothing. */
function toAgreement(summary: AgreementViewSummary): ObservedAgreement | undefined {
  const buyerAccountId = summary.acceptor?.accountId;
  if (summary.agreementId === undefined || buyerAccountId === undefined) return undefined;
  return {
    agreementId: summary.agreementId,
    status: agreementStatuses.find((known) => known === summary.status),
    buyerAccountId,
    offerId: summary.proposalSummary?.offerId,
    startsAt: toInstant(summary.startTime),
    endsAt: toInstant(summary.endTime),
    changedAt: toInstant(summary.lastUpdateTime),
    licenseArns: (summary.entitlements ?? []).flatMap(({ licenseArn }) => licenseArn ?? []),
  };
}

const toInstant = (date: Date | undefined): Instant | undefined =>
  date === undefined ? undefined : instant(date.getTime());

import { createHash } from "node:crypto";
import { nameRecord } from "@tollhouse/core/ledger/record-name";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { dayMs, formatInstant, type Instant } from "@tollhouse/core/time/instant";
import { formatHour, hourStart } from "@tollhouse/core/time/utc-hour";

/** The agreement API has one endpoint (Agreement API endpoints, 2026). */
const agreementRegion = "us-east-1";
/** How long CloudTrail's event history goes back. */
const trailDays = 90;

/** What an operator runs in the seller account; `<…>` is to be filled in. */
export interface AwsCommand {
  readonly title: string;
  readonly command: string;
}

/** In single quotes, in which a shell obeys nothing. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** One for what it is about, so that saying it twice changes nothing twice. */
const tokenOf = (record: UsageRecord, units: bigint | undefined): string =>
  `tollhouse-${createHash("sha256")
    .update(`${placeName(record)} ${units ?? ""}`)
    .digest("hex")
    .slice(0, 32)}`;

const placeName = ({ subscriptionId, dimension, hour }: UsageRecord): string =>
  nameRecord({ key: { subscriptionId, dimension }, hour });

/** Who bought, as AWS was told. */
const buyerOf = ({ entry: { identity } }: UsageRecord): string =>
  identity.by === "license" ? `buyer ${identity.buyerAccountId}` : `customer ${identity.customerIdentifier}`;

/** Finds the invoice, and asks for a refund of what is too much on it (BatchCreateBillingAdjustmentRequest). */
export function refundCommands(
  record: UsageRecord,
  agreementId = "<agreement id>",
  units?: bigint,
): readonly AwsCommand[] {
  const [year = "", month = ""] = formatHour(record.hour).split("-");
  const entry = {
    agreementId,
    originalInvoiceId: "<invoice id>",
    adjustmentAmount: "<amount>",
    currencyCode: "<USD>",
    adjustmentReasonCode: "INCORRECT_METERING",
    description: `${record.dimension}, hour ${formatHour(record.hour)}, ${buyerOf(record)}: ${units ?? "<units>"} units too many`,
    clientToken: tokenOf(record, units),
  };
  return [
    {
      title: "The invoice that it is on, from the second or third of the next month on",
      command: [
        "aws marketplace-agreement list-agreement-invoice-line-items",
        `--region ${agreementRegion}`,
        `--agreement-id ${quoted(agreementId)}`,
        "--group-by INVOICE_ID",
        `--invoice-billing-period month=${Number(month)},year=${year}`,
      ].join(" "),
    },
    {
      title: `The refund: an amount of money, ${units ?? "the"} units at the offer's price, as a plain decimal without a sign`,
      command: [
        "aws marketplace-agreement batch-create-billing-adjustment-request",
        `--region ${agreementRegion}`,
        `--billing-adjustment-request-entries ${quoted(JSON.stringify([entry]))}`,
      ].join(" "),
    },
  ];
}

/** Who called BatchMeterUsage in the time in which the hour could be taken, and with which quantity for it. */
export function trailCommands(record: UsageRecord, now: Instant): readonly AwsCommand[] {
  const { hour, entry, outcome, dimension } = record;
  const until = outcome.state === "pending" ? now : outcome.at;
  const isKept = hourStart(hour) > now - trailDays * dayMs;
  const { identity } = entry;
  const whose =
    identity.by === "license"
      ? `.licenseArn == ${JSON.stringify(identity.licenseArn)}`
      : `.customerIdentifier == ${JSON.stringify(identity.customerIdentifier)}`;
  const about = `select(.dimension == ${JSON.stringify(dimension)} and ${whose})`;
  const filter = `.Events[].CloudTrailEvent | fromjson | {eventTime, who: .userIdentity.arn, from: .sourceIPAddress, sent: [.requestParameters.usageRecords[]? | ${about}], answers: .responseElements.results} | select(.sent != [])`;
  return [
    {
      title: isKept
        ? "Who sent what: the first with `sent` for this hour whose answer is Success holds it; `sent[].quantity` is what AWS has, `who` the sender"
        : "Who sent what: CloudTrail's event history goes back 90 days, which this hour is past; look into the trail's own bucket, if there is one",
      command: [
        "aws cloudtrail lookup-events",
        `--region ${entry.region}`,
        "--lookup-attributes AttributeKey=EventName,AttributeValue=BatchMeterUsage",
        `--start-time ${formatInstant(hourStart(hour))}`,
        `--end-time ${formatInstant(until)}`,
        `--output json | jq ${quoted(filter)}`,
      ].join(" "),
    },
  ];
}

/** A usage event that changes the next record by so many units. Sent twice it counts once. */
export const correctingEvent = (record: UsageRecord, units: bigint | undefined, now: Instant): string =>
  JSON.stringify({
    ...{ specversion: "1.0", type: "usage", source: "/correction", id: tokenOf(record, units) },
    ...{ subject: record.subscriptionId, time: formatInstant(now) },
    data: { dimension: record.dimension, quantity: units === undefined ? "<units>" : units.toString() },
  });

import type { CallAnswer, RecordAnswer } from "@tollhouse/core/metering/submit";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import type { Contract } from "./market.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** All that a record says, to compare. */
export const entryText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));

/** BatchMeterUsage as far as billing depends on it, written from AWS's reference and not from our code. */
export class Marketplace {
  /** What is billed: the first quantity for a buyer, dimension and hour. */
  readonly billed = new Map<string, { quantity: bigint; text: string }>();
  private readonly contracts: readonly Contract[];
  private readonly now: () => number;
  /** AWS's pages disagree about what an identical resend is answered with. */
  private readonly identicalResend: "success" | "duplicate";
  private readonly isThrottling: () => boolean;

  constructor(
    contracts: readonly Contract[],
    now: () => number,
    identicalResend: "success" | "duplicate",
    isThrottling: () => boolean,
  ) {
    this.contracts = contracts;
    this.now = now;
    this.identicalResend = identicalResend;
    this.isThrottling = isThrottling;
  }

  submit(records: readonly UsageRecord[]): Promise<CallAnswer> {
    if (this.isThrottling())
      return Promise.resolve({ kind: "unavailable", reason: "ThrottlingException", effect: "none" });
    const refused = records.map((record) => this.problemOf(record)).find((problem) => problem !== undefined);
    if (refused !== undefined) return Promise.resolve({ kind: "refused", reason: refused });
    return Promise.resolve({ kind: "answered", answers: records.map((record) => this.take(record)) });
  }

  /** Why AWS refuses the whole call. */
  private problemOf({
    entry: { timestamp, quantity, dimension, identity },
  }: UsageRecord): string | undefined {
    const now = this.now();
    if (quantity < 0n || quantity > 2_147_483_647n) return "ValidationException";
    if (timestamp > now || timestamp <= now - dayMs) return "TimestampOutOfBoundsException";
    const today = new Date(now);
    const month = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1);
    if (timestamp < month && now >= month + 6 * hourMs) return "TimestampOutOfBoundsException";
    const contract = this.contractOf(identity);
    if (contract === undefined) return "InvalidCustomerIdentifierException";
    if (!contract.dimensions.includes(dimension)) return "InvalidUsageDimensionException";
    if (identity.by === "license" && this.isHeld(contract) && !isIn(contract, timestamp))
      return "InvalidLicenseException";
    return undefined;
  }

  private take({ entry }: UsageRecord): RecordAnswer {
    const contract = this.contractOf(entry.identity);
    if (contract === undefined || !this.isHeld(contract) || !isIn(contract, entry.timestamp))
      return { status: "waiting", reason: "CustomerNotSubscribed", effect: "none" };
    const key = billedKey(entry);
    const before = this.billed.get(key);
    if (before === undefined) this.billed.set(key, { quantity: entry.quantity, text: entryText(entry) });
    const meteringRecordId = `mr-${key}`;
    if (before === undefined) return { status: "success", meteringRecordId };
    return {
      status: before.text === entryText(entry) ? this.identicalResend : "duplicate",
      meteringRecordId,
    };
  }

  /** Usage is taken during the grant and for an hour after it. */
  private isHeld({ spans }: Contract): boolean {
    const now = this.now();
    return spans.some(({ since, cut }) => since <= now && (cut === undefined || now < cut + hourMs));
  }

  private contractOf(identity: UsageRecord["entry"]["identity"]): Contract | undefined {
    return this.contracts.find((contract) =>
      identity.by === "license"
        ? contract.by === "license" &&
          contract.licenseArn === identity.licenseArn &&
          contract.buyer.accountId === identity.buyerAccountId
        : contract.by === "customer" &&
          contract.productCode === identity.productCode &&
          contract.buyer.customerIdentifier === identity.customerIdentifier,
    );
  }
}

const isIn = ({ spans }: Contract, timestamp: number): boolean =>
  spans.some(({ since, cut }) => timestamp >= since && (cut === undefined || timestamp < cut));

/** What AWS recognises a repeat by. */
export const billedKey = ({ region, identity, dimension, timestamp }: UsageRecord["entry"]): string => {
  const who =
    identity.by === "license"
      ? identity.licenseArn
      : `${identity.productCode}/${identity.customerIdentifier}`;
  return [region, who, dimension, Math.floor(timestamp / hourMs)].join("|");
};

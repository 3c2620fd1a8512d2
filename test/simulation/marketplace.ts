import type { CallAnswer, RecordAnswer } from "@tollhouse/core/metering/submission";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { archiveCode } from "@tollhouse/core/memory/example";
import { hourMs, hourOf, shutsAt } from "./calendar.ts";
import { type Catalogue, misspelt } from "./catalogue.ts";
import type { Contract } from "./market.ts";
import { textOf } from "./text.ts";

type Entry = UsageRecord["entry"];

/** All that a record says, to compare. */
export const entryText = (value: unknown): string => textOf(value) ?? "";

/** How AWS behaves in one seed, asked anew for each call. */
export interface Manners {
  /** AWS's pages disagree about what an identical resend is answered with. */
  readonly identicalResend: "success" | "duplicate";
  throttles(): boolean;
  /** Whether one record of a call is left unprocessed. */
  leaves(): boolean;
}

/** BatchMeterUsage as far as billing depends on it, written from AWS's reference and not from our code. */
export class Marketplace {
  /** What is billed: the first quantity for a Region, buyer, dimension and hour. */
  readonly billed = new Map<string, { quantity: bigint; text: string }>();
  /** Products whose calls are refused, because the role is lost or the listing is out of order. */
  readonly barred = new Set<string>();
  isMended = false;
  private readonly contracts: readonly Contract[];
  private readonly catalogue: Catalogue;
  private readonly now: () => number;
  private readonly manners: Manners;
  private readonly count: (what: string) => void;

  constructor(
    contracts: readonly Contract[],
    catalogue: Catalogue,
    now: () => number,
    manners: Manners,
    count: (what: string) => void,
  ) {
    this.contracts = contracts;
    this.catalogue = catalogue;
    this.now = now;
    this.manners = manners;
    this.count = count;
  }

  submit(records: readonly UsageRecord[]): Promise<CallAnswer> {
    return Promise.resolve(this.answer(records));
  }

  private answer(records: readonly UsageRecord[]): CallAnswer {
    const [first] = records;
    if (first === undefined) return { kind: "answered", answers: [] };
    if (this.manners.throttles()) {
      this.count("aws throttles a call");
      return { kind: "throttled" };
    }
    if (this.barred.has(first.productCode)) {
      this.count("aws bars a product");
      return { kind: "barred", reason: "the role cannot be assumed" };
    }
    const { productCode, entry } = first;
    const isOptedIn = productCode === archiveCode && this.now() >= this.catalogue.optsInAt;
    if (isOptedIn && entry.identity.by === "product-code") {
      this.count("aws refuses a product code");
      return { kind: "barred", reason: "ProductCode is not supported", isOldIdentity: true };
    }
    const refused = records.map((record) => this.problemOf(record)).find((problem) => problem !== undefined);
    if (refused === undefined)
      return { kind: "answered", answers: records.map((record) => this.take(record)) };
    this.count(`aws refuses a call: ${refused}`);
    return {
      kind: "refused",
      reason: refused,
      isTooLate: refused === "TimestampOutOfBoundsException",
      isUnknownDimension: refused === "InvalidUsageDimensionException",
    };
  }

  /** Why AWS refuses the whole call. */
  private problemOf({ entry }: UsageRecord): string | undefined {
    const { timestamp, quantity, dimension, allocations } = entry;
    const now = this.now();
    if (quantity < 0n || quantity > 2_147_483_647n) return "ValidationException";
    if (timestamp > now || now >= shutsAt(timestamp)) return "TimestampOutOfBoundsException";
    const contract = this.contractOf(entry);
    if (contract === undefined)
      return entry.identity.by === "license"
        ? "InvalidLicenseException"
        : "InvalidCustomerIdentifierException";
    const isKnown = dimension !== misspelt || this.isMended;
    if (!contract.dimensions.includes(dimension) || !isKnown) return "InvalidUsageDimensionException";
    const allocated = allocations.reduce((sum, { units }) => sum + units, 0n);
    if (allocations.length > 0 && allocated !== quantity) return "InvalidUsageAllocationsException";
    if (entry.identity.by === "license" && this.isHeld(contract) && !isIn(contract, timestamp))
      return "InvalidLicenseException";
    return undefined;
  }

  private take({ entry }: UsageRecord): RecordAnswer {
    if (this.manners.leaves()) {
      this.count("aws leaves a record unprocessed");
      return { status: "unprocessed" };
    }
    const contract = this.contractOf(entry);
    const isTaken =
      contract !== undefined &&
      !contract.isSuspended &&
      this.isHeld(contract) &&
      isIn(contract, entry.timestamp);
    if (!isTaken) {
      this.count("aws answers CustomerNotSubscribed");
      const reason = "CustomerNotSubscribed";
      return { status: "waiting", reason, effect: "none", refusedAs: "not-subscribed" };
    }
    const key = billedKey(entry);
    const before = this.billed.get(key);
    const meteringRecordId = `mr-${key}`;
    if (before === undefined) {
      this.billed.set(key, { quantity: entry.quantity, text: entryText(entry) });
      this.count("aws bills a record");
      return { status: "success", meteringRecordId };
    }
    const isSame = before.text === entryText(entry);
    this.count(isSame ? "aws is sent a record again" : "aws is sent another quantity");
    return { status: isSame ? this.manners.identicalResend : "duplicate", meteringRecordId };
  }

  /** Usage is taken during the grant and for an hour after it. */
  private isHeld({ spans }: Contract): boolean {
    const now = this.now();
    return spans.some(({ since, cut }) => since <= now && (cut === undefined || now < cut + hourMs));
  }

  private contractOf({ identity }: Entry): Contract | undefined {
    return this.contracts.find((contract) =>
      identity.by === "license"
        ? this.hasLicense(contract) &&
          contract.licenseArn === identity.licenseArn &&
          contract.buyer.accountId === identity.buyerAccountId
        : contract.by === "customer" &&
          contract.productCode === identity.productCode &&
          contract.buyer.customerIdentifier === identity.customerIdentifier,
    );
  }

  private hasLicense({ by, productCode }: Contract): boolean {
    if (by === "license") return true;
    return productCode === archiveCode && this.now() >= this.catalogue.migratesFrom * hourMs;
  }
}

const isIn = ({ spans }: Contract, timestamp: number): boolean =>
  spans.some(({ since, cut }) => timestamp >= since && (cut === undefined || timestamp < cut));

/** What AWS recognises a repeat by. */
export const billedKey = ({ region, identity, dimension, timestamp }: Entry): string => {
  const who =
    identity.by === "license"
      ? identity.licenseArn
      : `${identity.productCode}/${identity.customerIdentifier}`;
  return [region, who, dimension, hourOf(timestamp)].join("|");
};

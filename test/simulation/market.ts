import { createHash } from "node:crypto";
import type { ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import { analyticsCode, archiveCode, mailerCode } from "@tollhouse/core/memory/example";
import { hourMs, hourOf } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Random } from "./random.ts";

/** From `since` until before `cut`; what a buyer's usage may be billed for. */
interface Span {
  readonly since: number;
  /** From when on our system knows of it. */
  sinceKnownAt?: number;
  cut?: number;
  /** From when on our system knows of the cut. */
  cutKnownAt?: number;
  /** An agreement that no license has named yet, whose end the cut is. */
  cutWaitsFor?: string | undefined;
  /** From when on it knows that the buyer leaves: AWS tells the end twice, and the second telling may come first. */
  endKnownAt?: number;
}

/** What a contract includes from an instant on, as its buyer bought it. */
export interface Purchase {
  readonly from: number;
  /** Whole units. */
  readonly quantity: number;
  /** Whether a new term began with it; otherwise the quantity changed within one. */
  readonly isRenewal: boolean;
}

/** What a buyer bought, with its true story. */
export interface Contract {
  /** What the books call it. */
  readonly account: string;
  readonly productCode: string;
  readonly buyer: Buyer;
  /** That our configuration meters. */
  readonly dimensions: readonly [string, ...string[]];
  /** How AWS knew it when it was bought. */
  readonly by: "license" | "customer";
  readonly licenseArn: string;
  agreementId: string;
  readonly spans: Span[];
  /** Returns within the hour, after which the span goes on as if it had never been cut. */
  readonly returns: { readonly at: number; knownAt?: number }[];
  /** Of what it includes, oldest first; the first one is from its beginning. */
  readonly purchases: Purchase[];
  /** So long after its beginning GetEntitlements answers with nothing. */
  readonly silentMs: number;
  /** AWS suspends the buyer's account: nothing is taken of it meanwhile. */
  isSuspended: boolean;
  /** Nothing comes back after this. */
  isOver: boolean;
  lastFactAt: number;
}

export interface Buyer {
  readonly accountId: string;
  readonly customerIdentifier: string;
  /** Our name of the customer, as docs say that it is made. */
  readonly customerId: string;
  readonly contracts: Contract[];
}

const hex = (text: string, length: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

/** Buyers with one to three contracts each, over listings of every generation; nothing has begun yet. */
export function openMarket(catalogue: Catalogue, random: Random, isCalm: boolean): readonly Buyer[] {
  return Array.from({ length: random.between(2, 4) }, (_, index) => {
    const accountId = `${300_000_000_000 + index}`;
    const buyer: Buyer = {
      accountId,
      customerIdentifier: `SIM${index}`,
      customerId: `cus-${hex(`account/${accountId}`, 24)}`,
      contracts: [],
    };
    const add = (n: number, code: string) => {
      const silentMs = isCalm ? 0 : random.pick([0, 0, 60_000, 300_000, hourMs]);
      buyer.contracts.push(contractOf(buyer, n, code, catalogue.dimensionsOf(code), silentMs));
    };
    const licenses = random.pick([0, 1, 1, 2]);
    for (let n = 0; n < licenses; n += 1) add(n, analyticsCode);
    if (licenses === 0 || random.chance(0.4)) add(8, mailerCode);
    if (random.chance(0.4)) add(9, archiveCode);
    return buyer;
  });
}

function contractOf(
  buyer: Buyer,
  n: number,
  productCode: string,
  dimensions: readonly [string, ...string[]],
  silentMs: number,
): Contract {
  const id = `l-${hex(`${buyer.accountId}/${n}`, 32)}`;
  const by = productCode === analyticsCode ? "license" : "customer";
  return {
    account: by === "license" ? id : `${productCode}/${buyer.customerIdentifier}`,
    productCode,
    buyer,
    dimensions,
    by,
    licenseArn: `arn:aws:license-manager::294406891311:license:${id}`,
    agreementId: `agmt-sim-${buyer.accountId}-${n}`,
    spans: [],
    returns: [],
    purchases: [],
    silentMs,
    isSuspended: false,
    isOver: false,
    lastFactAt: 0,
  };
}

/** Whether usage of an hour is the contract's, as far as was known at an instant. */
export const coversHour = ({ spans }: Contract, hour: number, knownAt: number): boolean =>
  spans.some(({ since, cut, cutKnownAt = Infinity }) => {
    const last = cut === undefined || cutKnownAt >= knownAt ? Infinity : hourOf(cut - 1);
    return hourOf(since) <= hour && hour <= last;
  });

/** What ResolveCustomer says of a visit; a license may take AWS a moment to name. */
export const resolvedBuyer = (contract: Contract, random: Random): ResolvedBuyer => ({
  productCode: contract.productCode,
  buyerAccountId: contract.buyer.accountId,
  ...(contract.by === "customer" ? { customerIdentifier: contract.buyer.customerIdentifier } : {}),
  ...(contract.productCode !== mailerCode && random.chance(0.8) ? { licenseArn: contract.licenseArn } : {}),
});

/** Every name by which usage of a contract may come. */
export function subjectsOf({ by, account, licenseArn, buyer }: Contract): readonly [string, ...string[]] {
  return by === "license"
    ? [account, licenseArn, licenseArn.replace("::", ":us-east-1:"), buyer.customerId]
    : [account, buyer.customerId];
}

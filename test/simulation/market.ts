import { createHash } from "node:crypto";
import type { Fact, FactId } from "@tollhouse/core/lifecycle/fact";
import type { ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import { analyticsCode, mailerCode } from "@tollhouse/core/memory/example";
import type { Instant } from "@tollhouse/core/time/instant";
import type { Random } from "./random.ts";

const hourMs = 3_600_000;

/** From `since` until before `cut`; what a buyer's usage may be billed for. */
interface Span {
  readonly since: number;
  cut?: number;
  /** From when on our system knows of the cut. */
  cutKnownAt?: number;
}

/** What a buyer bought, with its true story. */
export interface Contract {
  /** What the books call it. */
  readonly account: string;
  readonly productCode: string;
  readonly buyer: Buyer;
  readonly dimensions: readonly [string, ...string[]];
  readonly by: "license" | "customer";
  readonly licenseArn: string;
  readonly agreementId: string;
  readonly spans: Span[];
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

/** Buyers with one to three contracts each, over listings of both generations; nothing has begun yet. */
export function openMarket(random: Random): readonly Buyer[] {
  return Array.from({ length: random.between(2, 4) }, (_, index) => {
    const accountId = `${300_000_000_000 + index}`;
    const buyer: Buyer = {
      accountId,
      customerIdentifier: `SIM${index}`,
      customerId: `cus-${hex(`account/${accountId}`, 24)}`,
      contracts: [],
    };
    const licenses = random.pick([0, 1, 1, 2]);
    for (let n = 0; n < licenses; n += 1) buyer.contracts.push(licenseContract(buyer, n));
    if (licenses === 0 || random.chance(0.4)) buyer.contracts.push(customerContract(buyer));
    return buyer;
  });
}

function licenseContract(buyer: Buyer, n: number): Contract {
  const id = `l-${hex(`${buyer.accountId}/${n}`, 32)}`;
  return {
    account: id,
    productCode: analyticsCode,
    buyer,
    dimensions: ["events_ingested", "gb_stored"],
    by: "license",
    licenseArn: `arn:aws:license-manager::294406891311:license:${id}`,
    agreementId: `agmt-sim-${buyer.accountId}-${n}`,
    spans: [],
    isOver: false,
    lastFactAt: 0,
  };
}

const customerContract = (buyer: Buyer): Contract => ({
  ...licenseContract(buyer, 9),
  account: `${mailerCode}/${buyer.customerIdentifier}`,
  productCode: mailerCode,
  dimensions: ["emails_sent"],
  by: "customer",
});

const fresh = (contract: Contract, now: number): { id: FactId; at: Instant } | undefined => {
  const at = Math.floor(now / 1_000) * 1_000;
  if (at <= contract.lastFactAt) return undefined;
  contract.lastFactAt = at;
  return { id: `sim:${contract.account}@${at}` as FactId, at: at as Instant };
};

/** The next thing that happens to a contract, told as AWS Marketplace tells it. */
export function happen(contract: Contract, now: number, random: Random): Fact | undefined {
  if (contract.isOver) return undefined;
  const name = fresh(contract, now);
  if (name === undefined) return undefined;
  return contract.by === "license"
    ? licenseFact(contract, name, random)
    : customerFact(contract, name, random);
}

function licenseFact(
  contract: Contract,
  name: { id: FactId; at: Instant },
  random: Random,
): Fact | undefined {
  const { agreementId, productCode, licenseArn, buyer, spans } = contract;
  const licensed = { agreementId, productCode, licenseArn, buyerAccountId: buyer.accountId };
  const open = spans.at(-1);
  if (open === undefined) {
    spans.push({ since: name.at });
    return { kind: "license-updated", ...name, ...licensed };
  }
  if (random.chance(0.4)) return { kind: "license-updated", ...name, ...licensed };
  open.cut = name.at;
  contract.isOver = true;
  return random.chance(0.5)
    ? { kind: "license-deprovisioned", ...name, ...licensed }
    : { kind: "agreement-ended", ...name, agreementId, status: "CANCELLED" };
}

/** The old listing's: who comes back within the hour goes on, who comes back later begins anew. */
function customerFact(
  contract: Contract,
  name: { id: FactId; at: Instant },
  random: Random,
): Fact | undefined {
  const { productCode, buyer, spans } = contract;
  const identified = { productCode, customerIdentifier: buyer.customerIdentifier };
  const last = spans.at(-1);
  if (last === undefined || last.cut !== undefined) {
    if (last?.cut !== undefined && random.chance(0.3)) {
      if (name.at - last.cut > hourMs) return undefined;
      // The end is told after the sign of it, and then the same buyer begins anew.
      return { kind: "unsubscribe-succeeded", ...name, ...identified };
    }
    return begin(contract, name, identified);
  }
  last.cut = name.at;
  return { kind: "unsubscribe-pending", ...name, ...identified };
}

function begin(
  contract: Contract,
  name: { id: FactId; at: Instant },
  identified: { productCode: string; customerIdentifier: string },
): Fact | undefined {
  const { spans } = contract;
  const last = spans.at(-1);
  // Whether the end came before the return depends on what else was told; the simulation keeps to clear cases.
  if (last?.cut !== undefined && name.at <= last.cut + hourMs + 1_000) return undefined;
  spans.push({ since: name.at });
  return { kind: "subscribe-succeeded", ...name, ...identified, freeTrial: false };
}

/** Whether usage of an hour is the contract's, as far as was known at an instant. */
export const coversHour = ({ spans }: Contract, hour: number, knownAt: number): boolean =>
  spans.some(({ since, cut, cutKnownAt = Infinity }) => {
    const last = cut === undefined || cutKnownAt >= knownAt ? Infinity : Math.floor((cut - 1) / hourMs);
    return Math.floor(since / hourMs) <= hour && hour <= last;
  });

/** What ResolveCustomer says of a visit; a license may take AWS a moment to name. */
export const resolvedBuyer = (contract: Contract, random: Random): ResolvedBuyer => ({
  productCode: contract.productCode,
  buyerAccountId: contract.buyer.accountId,
  ...(contract.by === "customer" ? { customerIdentifier: contract.buyer.customerIdentifier } : {}),
  ...(contract.by === "license" && random.chance(0.8) ? { licenseArn: contract.licenseArn } : {}),
});

/** Every name by which usage of a contract may come. */
export function subjectsOf({ by, account, licenseArn, buyer }: Contract): readonly [string, ...string[]] {
  return by === "license"
    ? [account, licenseArn, licenseArn.replace("::", ":us-east-1:"), buyer.customerId]
    : [account, buyer.customerId];
}

import type { Fact, FactId } from "@tollhouse/core/lifecycle/fact";
import { analyticsCode, archiveCode } from "@tollhouse/core/memory/example";
import type { Instant } from "@tollhouse/core/time/instant";
import { hourMs, minuteMs } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Contract } from "./market.ts";
import type { Random } from "./random.ts";

interface Named {
  readonly id: FactId;
  readonly at: Instant;
}

/** So long before and after the hour of a migration both generations decide; the simulation keeps to clear cases. */
const overlapMs = 16 * minuteMs;
/** A buyer of a calm market stays at least so long: until what the contract includes is known for sure. */
const calmStayMs = 90 * minuteMs;

export interface Teller {
  readonly catalogue: Catalogue;
  readonly isCalm: boolean;
}

/** The next thing that happens to a contract, told as AWS Marketplace tells it; nothing when none may now. */
export function happen(contract: Contract, now: number, random: Random, teller: Teller): readonly Fact[] {
  if (contract.isOver) return [];
  const at = Math.floor(now / 1_000) * 1_000;
  // A fact and what is told with it take a few seconds.
  if (at <= contract.lastFactAt + 5_000) return [];
  const since = contract.spans.at(-1)?.since;
  if (teller.isCalm && since !== undefined && at < since + calmStayMs) return [];
  const name = { id: `sim:${contract.account}@${at}` as FactId, at: at as Instant };
  const facts = tell(contract, name, random, teller);
  if (facts.length > 0) contract.lastFactAt = at;
  return facts;
}

function tell(contract: Contract, name: Named, random: Random, teller: Teller): readonly Fact[] {
  switch (contract.productCode) {
    case analyticsCode:
      return licenseFacts(contract, name, random);
    case archiveCode:
      return migratingFacts(contract, name, random, teller.catalogue);
    default:
      return customerFacts(contract, name, random);
  }
}

/** Seconds after another fact, told with it. */
const later = ({ id, at }: Named, seconds: number): Named => ({
  id: `${id}+${seconds}` as FactId,
  at: (at + seconds * 1_000) as Instant,
});

const licensed = ({ agreementId, productCode, licenseArn, buyer }: Contract) => ({
  ...{ agreementId, productCode, licenseArn },
  buyerAccountId: buyer.accountId,
});

function licenseFacts(contract: Contract, name: Named, random: Random): readonly Fact[] {
  const { spans } = contract;
  if (spans.length === 0) {
    spans.push({ since: name.at });
    buy(contract, name.at, random, true);
    const agreed = random.chance(0.5) ? [agreementCreated(contract, name, undefined)] : [];
    return [...agreed, { kind: "license-updated", ...name, ...licensed(contract) }];
  }
  switch (random.weighted({ again: 2, change: 2, renew: 2, end: 3 })) {
    case "again":
      return [{ kind: "license-updated", ...name, ...licensed(contract) }];
    case "change":
      buy(contract, name.at, random, false);
      return [{ kind: "license-updated", ...name, ...licensed(contract) }];
    case "renew":
      return renew(contract, name, random);
    case "end":
      return end(contract, name, random);
  }
}

/** A renewal is a new agreement; the license goes on under it. */
function renew(contract: Contract, name: Named, random: Random): readonly Fact[] {
  const before = contract.agreementId;
  contract.agreementId = `${before}+`;
  buy(contract, name.at, random, true);
  const over: Fact = { kind: "agreement-ended", ...later(name, 2), agreementId: before, status: "RENEWED" };
  return [
    agreementCreated(contract, name, before),
    { kind: "license-updated", ...later(name, 1), ...licensed(contract) },
    over,
  ];
}

const agreementCreated = (
  { agreementId }: Contract,
  name: Named,
  previousAgreementId: string | undefined,
): Fact => ({
  kind: "agreement-created",
  id: `${name.id}+created` as FactId,
  at: name.at,
  agreementId,
  intent: previousAgreementId === undefined ? "NEW" : "RENEW",
  ...(previousAgreementId === undefined ? {} : { previousAgreementId }),
  startsAt: name.at,
});

const buy = ({ purchases }: Contract, from: number, random: Random, isRenewal: boolean): void => {
  purchases.push({ from, quantity: random.pick([0, 5, 100, 400, 2_000, 1_000_000]), isRenewal });
};

function end(contract: Contract, name: Named, random: Random): readonly Fact[] {
  const open = contract.spans.at(-1);
  if (open === undefined) return [];
  open.cut = name.at;
  contract.isOver = true;
  const deprovisioned = (named: Named): Fact => ({
    kind: "license-deprovisioned",
    ...named,
    ...licensed(contract),
  });
  const ended = (named: Named): Fact => ({
    kind: "agreement-ended",
    ...named,
    agreementId: contract.agreementId,
    status: random.pick(["CANCELLED", "EXPIRED", "TERMINATED"]),
  });
  return random.pick([[deprovisioned(name)], [ended(name)], [ended(name), deprovisioned(later(name, 2))]]);
}

/** The old listing's: who comes back within the hour goes on, who comes back later begins anew. */
function customerFacts(contract: Contract, name: Named, random: Random): readonly Fact[] {
  const { productCode, buyer, spans } = contract;
  const identified = { productCode, customerIdentifier: buyer.customerIdentifier };
  const last = spans.at(-1);
  if (last !== undefined && last.cut === undefined) {
    last.cut = name.at;
    return [{ kind: "unsubscribe-pending", ...name, ...identified }];
  }
  const begins: Fact = { kind: "subscribe-succeeded", ...name, ...identified, freeTrial: false };
  if (last?.cut === undefined) {
    spans.push({ since: name.at });
    return [begins];
  }
  const since = name.at - last.cut;
  if (since < hourMs - 1_000) {
    if (random.chance(0.5)) return [];
    // As if it had never been cut.
    delete last.cut;
    delete last.cutKnownAt;
    delete last.endKnownAt;
    contract.returns.push({ at: name.at });
    return [begins];
  }
  // Whether the end came before the return depends on what else was told; the simulation keeps to clear cases.
  if (since <= hourMs + 1_000) return [];
  spans.push({ since: name.at });
  return [begins];
}

/** An old listing's buyer whose license is named while the listing moves: SNS tells before the hour, EventBridge after it. */
function migratingFacts(
  contract: Contract,
  name: Named,
  random: Random,
  { migratesFrom }: Catalogue,
): readonly Fact[] {
  const { productCode, buyer, spans } = contract;
  const moves = migratesFrom * hourMs;
  if (Math.abs(name.at - moves) <= overlapMs) return [];
  const isOld = name.at < moves;
  const { customerIdentifier, accountId } = buyer;
  const identified = { productCode, customerIdentifier };
  const updated: Fact = {
    kind: "license-updated",
    ...(isOld ? later(name, 2) : name),
    ...licensed(contract),
  };
  if (spans.length === 0) {
    spans.push({ since: name.at });
    const { licenseArn } = contract;
    const registered: Fact = {
      ...{ kind: "customer-registered", ...later(name, 1), ...identified },
      ...{ licenseArn, buyerAccountId: accountId, visit: `visit-${contract.account}` },
    };
    const begins: Fact = { kind: "subscribe-succeeded", ...name, ...identified, freeTrial: false };
    return isOld ? [begins, registered, updated] : [registered, updated];
  }
  if (random.chance(0.4)) return [updated];
  if (!isOld) return end(contract, name, random);
  const open = spans.at(-1);
  if (open === undefined) return [];
  open.cut = name.at;
  contract.isOver = true;
  return [{ kind: "unsubscribe-pending", ...name, ...identified }];
}

import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { RecordStore, WaitingStore } from "../metering/store.ts";
import { add, type MicroUnits, total, zeroUnits } from "../quantity/micro-units.ts";
import { dayMs, type Instant, instant, laterBy, someday } from "../time/instant.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import { type AheadPorts, lookAhead, sealableNow } from "./look-ahead.ts";
import { bookRisks, recordRisk, type Risk } from "./risk.ts";

export type RiskPorts = AheadPorts & {
  readonly records: Pick<RecordStore, "pending" | "pendingZeros">;
  readonly waiting: Pick<WaitingStore, "due">;
};

/** Units and the nearest deadline among them, if there is one. */
export interface RiskSum {
  readonly units: MicroUnits;
  /** Pending records; units in balances are in none. */
  readonly records: number;
  readonly nearestAt: Instant | undefined;
}

export interface RiskReport {
  /** Nearest deadline first, then those without one; as many as were asked for. */
  readonly risks: readonly Risk[];
  readonly more: number;
  readonly all: RiskSum;
  readonly byProduct: ReadonlyMap<string, RiskSum>;
  readonly byReason: ReadonlyMap<string, RiskSum>;
  /** Risks whose deadline comes before the instant that was asked for. */
  readonly soon: number;
  /** Since when the longest overdue of records and balances could be accepted; `undefined` when nothing is late. */
  readonly lateSince: Instant | undefined;
  /** Books with units that are late and in no record. */
  readonly lateBooks: number;
  /** Since when the oldest usage waits that fits nobody. */
  readonly waitingSince: Instant | undefined;
  /** More is pending or waits than was read, or time ran out. */
  readonly isMore: boolean;
  /** Of listings in migration, by product: what must have an outcome before AWS opts the listing in. */
  readonly byProductCode: ReadonlyMap<string, StillByProductCode>;
}

/** What is reported under a product code that is to be reported by license. */
export interface StillByProductCode {
  /** Without an outcome; records of 0 too. */
  readonly records: number;
  /** In balances of hours before. */
  readonly units: MicroUnits;
}

export interface RiskRequest {
  readonly now: Instant;
  /** Risks whose deadline comes before it are soon. */
  readonly soonUntil: Instant;
  /** Only of this product; then what waits for nobody knows whom is left out. */
  readonly product?: string | undefined;
  readonly limit: number;
  readonly onProgress?: (books: number) => void;
  /** Whether there is time to look at more books; left out, there is. */
  readonly hasTime?: () => boolean;
}

/** Read of one product's pending records, and of the pieces that wait. */
const recordsAtMost = 1_000;
const piecesAtMost = 200;

/**
 * All that was used and AWS has not accepted: records without an outcome, whole units in balances and usage that waits, each with the
 * instant from which nobody is billed for it and the reason. A product in a dry run has nothing at risk, since nothing of it is sent.
 */
export async function unitsAtRisk(
  ports: RiskPorts,
  configuration: Configuration,
  request: RiskRequest,
): Promise<RiskReport> {
  const report = new Report(request);
  for (const product of configuration.products) {
    if (isAsked(request, product.code) && product.metering !== "dry-run")
      await takePending(ports, product, report, configuration);
  }
  const sealable = await sealableNow(ports, configuration, request.now);
  const known = { settings: configuration.settings, through: sealable.through, now: request.now };
  let books = 0;
  for await (const ahead of lookAhead(ports, configuration, sealable)) {
    books += 1;
    if (books % 100 === 0) request.onProgress?.(books);
    if (request.hasTime?.() === false) {
      report.isMore = true;
      break;
    }
    const code = ahead.subscription?.productCode;
    const product = code === undefined ? undefined : findProduct(configuration, code);
    if (!isAsked(request, code) || product?.metering === "dry-run") continue;
    const risks = bookRisks(ahead, known);
    for (const risk of risks) report.take(risk);
    if (risks.some(({ lateSince }) => lateSince !== undefined)) report.lateBooks += 1;
    if (product?.metersByLicenseFrom !== undefined)
      report.balanceOf(product.code, unitsBefore(ahead.before, product.metersByLicenseFrom));
  }
  if (request.product === undefined) await takeWaiting(ports, configuration, report);
  return report.end();
}

const isAsked = ({ product }: RiskRequest, code: string | undefined): boolean =>
  product === undefined || product === code;

const unitsBefore = (
  { balance }: { readonly balance: ReadonlyMap<UtcHour, ReadonlyMap<unknown, MicroUnits>> },
  hour: UtcHour,
) => total([...balance].flatMap(([of, amounts]) => (of < hour ? [...amounts.values()] : [])));

async function takePending(
  { records, switches }: RiskPorts,
  product: Product,
  report: Report,
  { settings }: Configuration,
): Promise<void> {
  const pending = await records.pending(product.code, someday, recordsAtMost + 1);
  const held = await switches.load(product.code);
  for (const record of pending.slice(0, recordsAtMost))
    report.take(recordRisk(record, product, held, settings));
  if (pending.length > recordsAtMost) report.isMore = true;
  if (product.metersByLicenseFrom === undefined) return;
  const zeros = await records.pendingZeros(product.code, someday, recordsAtMost);
  const byCode = [...pending, ...zeros].filter(({ entry }) => entry.identity.by === "product-code");
  report.recordsOf(product.code, byCode.length);
}

async function takeWaiting(
  { waiting }: RiskPorts,
  { settings }: Configuration,
  report: Report,
): Promise<void> {
  const found = await waiting.due(someday, piecesAtMost + 1);
  if (found.length > piecesAtMost) report.isMore = true;
  for (const [subject, pieces] of Map.groupBy(found.slice(0, piecesAtMost), (piece) => piece.subject)) {
    const since = instant(Math.min(...pieces.map((piece) => piece.since)));
    report.waitingSince = earlier(report.waitingSince, since);
    report.take({
      ...{ kind: "waiting", productCode: undefined, name: subject },
      units: total(pieces.map(({ units }) => units)),
      deadlineAt: laterBy(since, settings.acceptUsageDays * dayMs),
      reason: `it fits nobody yet (${[...new Set(pieces.map(({ reason }) => reason))].join(", ")})`,
    });
  }
}

const noSum: RiskSum = { units: zeroUnits, records: 0, nearestAt: undefined };

/** Adds everything up and holds the nearest. */
class Report {
  isMore = false;
  lateBooks = 0;
  waitingSince: Instant | undefined;
  private lateSince: Instant | undefined;
  private readonly request: RiskRequest;
  private nearest: Risk[] = [];
  private count = 0;
  private soon = 0;
  private all = noSum;
  private readonly byProduct = new Map<string, RiskSum>();
  private readonly byReason = new Map<string, RiskSum>();
  private readonly byProductCode = new Map<string, StillByProductCode>();

  constructor(request: RiskRequest) {
    this.request = request;
  }

  take(risk: Risk): void {
    this.count += 1;
    this.all = summed(this.all, risk);
    const { productCode, reason, deadlineAt, lateSince } = risk;
    this.lateSince = earlier(this.lateSince, lateSince);
    if (productCode !== undefined)
      this.byProduct.set(productCode, summed(this.byProduct.get(productCode) ?? noSum, risk));
    const kind = withoutNumbers(reason);
    this.byReason.set(kind, summed(this.byReason.get(kind) ?? noSum, risk));
    if (deadlineAt !== undefined && deadlineAt <= this.request.soonUntil) this.soon += 1;
    this.nearest.push(risk);
    if (this.nearest.length >= 2 * this.request.limit + 100) this.keepNearest();
  }

  recordsOf(code: string, records: number): void {
    const { units } = this.byProductCode.get(code) ?? { units: zeroUnits };
    this.byProductCode.set(code, { records, units });
  }

  balanceOf(code: string, more: MicroUnits): void {
    const { records, units } = this.byProductCode.get(code) ?? { records: 0, units: zeroUnits };
    this.byProductCode.set(code, { records, units: add(units, more) });
  }

  end(): RiskReport {
    this.keepNearest();
    const { nearest, count, soon, all, byProduct, byReason, byProductCode, isMore } = this;
    const { lateSince, lateBooks, waitingSince } = this;
    const more = count - nearest.length;
    return {
      ...{ risks: nearest, more, all, byProduct, byReason, soon, isMore, byProductCode },
      ...{ lateSince, lateBooks, waitingSince },
    };
  }

  private keepNearest(): void {
    this.nearest.sort((a, b) => (a.deadlineAt ?? Infinity) - (b.deadlineAt ?? Infinity) || 0);
    this.nearest.length = Math.min(this.nearest.length, this.request.limit);
  }
}

const summed = ({ units, records, nearestAt }: RiskSum, risk: Risk): RiskSum => ({
  units: add(units, risk.units),
  records: records + (risk.kind === "record" ? 1 : 0),
  nearestAt: earlier(nearestAt, risk.deadlineAt),
});

const earlier = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** Reasons that differ in an hour or a number alone are one. */
const withoutNumbers = (reason: string): string =>
  reason
    .replace(/\d{4}-\d\d-\d\dT\d\d/g, "an hour")
    .replace(/\b\d+ units? (was|were) used/g, "units were used");

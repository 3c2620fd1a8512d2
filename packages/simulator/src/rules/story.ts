import type { Agreement } from "./agreement/agreement.ts";
import { passTime } from "./agreement/pass-time.ts";
import type { Purchase } from "./agreement/purchase.ts";
import { subscribe } from "./agreement/subscribe.ts";
import type { Catalogue } from "./catalogue.ts";
import { carryOut, type Decision } from "./decision.ts";
import { exampleCatalogue } from "./example.ts";
import { batchMeterUsage } from "./metering/batch-meter-usage.ts";
import type { BatchMeterUsageAnswer, BatchMeterUsageRequest, UsageRecord } from "./metering/record.ts";
import type { Notification } from "./notification/notification.ts";
import { initialState } from "./state.ts";

/** A state with the example's listings, and the acts on it in few words: for trying the rules. */
export class Story {
  static readonly buyer = "123456789012";
  static readonly beginMs = Date.parse("2026-08-20T14:23:11.013Z");
  /** An hour that is over and may be reported, some hours after the beginning. */
  static readonly hourAtMs = Date.parse("2026-08-20T16:00:00Z");
  static readonly laterMs = Date.parse("2026-08-20T18:05:00Z");
  readonly state = initialState();
  readonly catalogue: Catalogue;
  /** Every message that was ever planned, withdrawn ones too. */
  readonly everPlanned: Notification[] = [];

  constructor(conflicts: Partial<Catalogue["conflicts"]> = {}, more: Partial<Catalogue> = {}) {
    const all = { ...exampleCatalogue.conflicts, ...conflicts };
    this.catalogue = { ...exampleCatalogue, conflicts: all, ...more };
  }

  /** Carries the decision out. @throws when it is a refusal. */
  does<Answer>(decision: Decision<Answer>): Answer {
    const outcome = this.tries(decision);
    if ("refusal" in outcome) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
    return outcome.answer;
  }

  /** Carries the decision out, or gives its refusal. */
  tries<Answer>(decision: Decision<Answer>) {
    for (const change of "changes" in decision ? decision.changes : [])
      if (change.kind === "notification-planned") this.everPlanned.push(change.notification);
    return carryOut(this.state, decision);
  }

  /** Time passes as the server lets it pass: whatever happens by itself happens before the next act. */
  passes(nowMs: number): void {
    let next = passTime(this.catalogue, this.state, nowMs);
    while (next !== undefined) {
      this.does(next);
      next = passTime(this.catalogue, this.state, nowMs);
    }
  }

  /** The code of the refusal; the decision is not carried out. */
  refusal<Answer>(decision: Decision<Answer>): string {
    return "refusal" in decision ? decision.refusal.code : "answered";
  }

  buys(productCode: string, more: Partial<Purchase> = {}, atMs = Story.beginMs): Agreement {
    const purchase = { productCode, buyerAccountId: Story.buyer, ...more };
    return this.does(subscribe(this.catalogue, this.state, purchase, atMs)).agreement;
  }

  /** A record of what `agreement` grants, by its license, for the hour of `atMs`. */
  static record({ licenseArn, buyerAccountId }: Agreement, change: Partial<UsageRecord> = {}): UsageRecord {
    const subject = { CustomerAWSAccountId: buyerAccountId, LicenseArn: licenseArn };
    return { Timestamp: Story.hourAtMs / 1_000, Dimension: "gb", Quantity: 7, ...subject, ...change };
  }

  /** The answer to a call, or the code of its refusal. */
  meters(
    request: BatchMeterUsageRequest | readonly UsageRecord[],
    { nowMs = Story.laterMs, region = "us-east-1", requestBytes = 1_000 } = {},
  ): BatchMeterUsageAnswer | string {
    const whole = "UsageRecords" in request ? request : { UsageRecords: request };
    const context = { nowMs, region, requestBytes };
    const outcome = this.tries(batchMeterUsage(this.catalogue, this.state, whole, context));
    return "refusal" in outcome ? outcome.refusal.code : outcome.answer;
  }

  /** The same in words: each record's status, and how many were left; or the code of the refusal. */
  outcome(...call: Parameters<Story["meters"]>): string {
    const answer = this.meters(...call);
    if (typeof answer === "string") return answer;
    const left = answer.UnprocessedRecords.map(() => "unprocessed");
    return [...answer.Results.map(({ Status }) => Status), ...left].join(" ");
  }

  agreement(id: string): Agreement {
    const found = this.state.agreements[id];
    if (found === undefined) throw new Error(`no agreement ${id}`);
    return found;
  }

  /** What is ahead from `fromMs` on, in order, as seconds after it with the kind. */
  ahead(fromMs = Story.beginMs): string[] {
    return this.#inOrder(fromMs).map(
      ({ kind, dueAtMs }) => `${Math.round((dueAtMs - fromMs) / 1_000)} ${kind}`,
    );
  }

  /** The events ahead, in order, with their kind of detail. */
  events(fromMs = Story.beginMs): { type: string; detail: Record<string, unknown>; resources: unknown }[] {
    return this.#inOrder(fromMs).flatMap(({ content }) =>
      content.channel === "eventbridge"
        ? {
            type: String(content.event["detail-type"]),
            detail: content.event["detail"] as Record<string, unknown>,
            resources: content.event["resources"],
          }
        : [],
    );
  }

  /** The SNS messages ahead, in order. */
  messages(fromMs = Story.beginMs): Readonly<Record<string, string>>[] {
    return this.#inOrder(fromMs).flatMap(({ content }) =>
      content.channel === "sns" ? [content.message] : [],
    );
  }

  #inOrder(fromMs: number): Notification[] {
    return Object.values(this.state.notifications)
      .filter(({ dueAtMs }) => dueAtMs >= fromMs)
      .sort((a, b) => a.dueAtMs - b.dueAtMs);
  }
}

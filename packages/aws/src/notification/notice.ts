import { type Fact, longestNotice } from "@tollhouse/core/lifecycle/fact";
import * as z from "zod";
import { optionalText } from "./field.ts";
import type { NotificationReading } from "./reading.ts";

/**
 * Events for people to read, by detail-type without its role (Seller Guide, EventBridge integration, autumn 2026; the ones of
 * spend thresholds are known from descriptions of others only). AWS adds new ones: those are kept as well, and flagged.
 */
const informational: ReadonlySet<string> = new Set([
  "Purchase Agreement Advisory Issued",
  "Purchase Agreement Advisory Resolved",
  "Purchase Agreement Ending",
  "Purchase Agreement Renewal Terms Finalized",
  "Purchase Agreement Renewal Upcoming",
  "Spend Threshold Reached",
  "Spend Threshold Vet Succeeded",
  "Spend Threshold Vet Failed",
  "Vet Succeeded",
  "Vet Failed",
  "Agreement Cancellation Request Pending Approval",
  "Agreement Cancellation Request Approved",
  "Agreement Cancellation Request Rejected",
  "Agreement Cancellation Request Cancelled",
  "Agreement Cancellation Request Validation Failed",
  "Purchase Agreement Billing Adjustment Completed",
  "Purchase Agreement Billing Adjustment Failed",
]);

export const isInformational = (name: string): boolean => informational.has(name);

interface Event {
  readonly detailType: string;
  readonly detail: unknown;
  /** ARNs; those of cancellation and billing events are missing. */
  readonly resources: readonly unknown[];
}

/** An event that changes nothing, kept whole so that people can read it. */
export function toNotice(base: Pick<Fact, "id" | "at">, event: Event, known: boolean): NotificationReading {
  const detail = JSON.stringify(event.detail);
  if (detail.length > longestNotice)
    return {
      refused: `its detail has ${detail.length} characters; of an event that only informs at most ${longestNotice} are kept`,
    };
  const { detailType } = event;
  return { fact: { ...base, kind: "notice", agreementId: agreementOf(event), detailType, known, detail } };
}

const naming = z.object({ agreement: z.object({ id: optionalText }) });
const agreementArn = /^arn:[^:]*:aws-marketplace:[^:]*:[^:]*:agreement[:/]([\w-]{1,100})$/;

function agreementOf({ detail, resources }: Event): string | undefined {
  const named = naming.safeParse(detail).data?.agreement.id;
  if (named !== undefined) return named;
  const ids = resources.flatMap((arn) =>
    typeof arn === "string" ? (agreementArn.exec(arn.trim())?.[1] ?? []) : [],
  );
  // Two agreements are none in particular.
  return ids.length === 1 ? ids[0] : undefined;
}

import type { NotificationKind } from "../../rules/notification/notification.ts";

/** What each notification tells the seller, and AWS's own name for it. */
export const notificationWords: Readonly<
  Record<NotificationKind, { readonly text: string; readonly term: string }>
> = {
  "agreement-created": { text: "A buyer accepted an offer", term: "Purchase Agreement Created" },
  "agreement-amended": { text: "An agreement was changed", term: "Purchase Agreement Amended" },
  "agreement-ending": { text: "An agreement will end", term: "Purchase Agreement Ending" },
  "license-updated": { text: "A license is ready or changed", term: "License Updated" },
  "agreement-ended": { text: "An agreement is over", term: "Purchase Agreement Ended" },
  "license-deprovisioned": { text: "A license is taken away", term: "License Deprovisioned" },
  "subscribe-success": { text: "A buyer subscribed", term: "subscribe-success" },
  "subscribe-fail": { text: "A buyer could not be charged", term: "subscribe-fail" },
  "unsubscribe-pending": { text: "A buyer leaves: an hour is left", term: "unsubscribe-pending" },
  "unsubscribe-success": { text: "A buyer has left", term: "unsubscribe-success" },
  "entitlement-updated": { text: "What a buyer has a right to changed", term: "entitlement-updated" },
  informational: { text: "Something to know", term: "an event that only informs" },
  "subscription-confirmation": { text: "Please confirm that you listen", term: "SubscriptionConfirmation" },
};

/** What the seller's software wants to know or to have done, by the API's operation. */
const operationTexts: Readonly<Partial<Record<string, string>>> = {
  AssumeRole: "Let me act for the seller",
  ResolveCustomer: "Who is the buyer with this token?",
  BatchMeterUsage: "Bill this usage",
  GetEntitlements: "What did the buyer pay for in advance?",
  SearchAgreements: "Which agreements are there?",
  DescribeAgreement: "How does this agreement stand?",
  GetAgreementTerms: "What are the terms of this agreement?",
  GetAgreementEntitlements: "Which license does this agreement give?",
  PutEvents: "Tell the seller's other services",
};

export const operationText = (operation: string): string => operationTexts[operation] ?? "Something else";

/** What an outcome other than `ok` means; the code stands beside it. */
const outcomeTexts: Readonly<Partial<Record<string, string>>> = {
  ok: "Answered",
  ThrottlingException: "Too many calls",
  ExpiredTokenException: "The token is too old",
  InvalidTokenException: "No such token",
  TimestampOutOfBoundsException: "Too late for that hour",
  InvalidLicenseException: "Not that license's usage",
  AccessDeniedException: "The role may not",
  DisabledApiException: "Not in this Region",
};

export const outcomeText = (outcome: string): string => outcomeTexts[outcome] ?? "Refused";

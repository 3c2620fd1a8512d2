import { type Configuration, defineConfiguration, type Product } from "../configuration/configuration.ts";
import type { Fact, FactId } from "../lifecycle/fact.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { type Instant, parseInstant } from "../time/instant.ts";
import { parseHour, type UtcHour } from "../time/utc-hour.ts";

/** An example world for tests and simulations: one listing of each generation, and facts about one buyer. */
export function at(text: string): Instant {
  const found = parseInstant(text);
  if (found === undefined) throw new RangeError(`${text} is no instant`);
  return found;
}

export function hour(text: string): UtcHour {
  const found = parseHour(text);
  if (found === undefined) throw new RangeError(`${text} is no hour`);
  return found;
}

export const mailerCode = "n0123examplemailer0000000";
export const analyticsCode = "c0456exampleanalytics0000";
/** An old listing that moves to EventBridge at `migratesFrom`. */
export const archiveCode = "m0135examplearchive000000";
export const migratesFrom = "2026-08-20T10";

export const exampleConfiguration: Configuration = defineConfiguration({
  name: "example",
  seller: { accountId: "111122223333", assumeRole: { externalId: "example-only-replace-me" } },
  production: { accountId: "444455556666" },
  products: [
    {
      code: mailerCode,
      title: "Example Mailer",
      generation: "sns",
      pricing: "subscription",
      dimensions: [{ key: "emails_sent", kind: "metered" }],
    },
    {
      code: analyticsCode,
      title: "Example Analytics",
      generation: "eventbridge",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", kind: "entitled" },
        { key: "events_ingested", kind: "metered" },
        { key: "gb_stored", kind: "metered" },
      ],
    },
    {
      code: archiveCode,
      title: "Example Archive",
      generation: "migrating",
      migratesFromHour: migratesFrom,
      pricing: "subscription",
      dimensions: [{ key: "gb_archived", kind: "metered" }],
    },
  ],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
  },
});

export function exampleProduct(code: string): Product {
  const found = exampleConfiguration.products.find((product) => product.code === code);
  if (found === undefined) throw new RangeError(`${code} is no example`);
  return found;
}

export const licenseId = "l-0123456789abcdef0123456789abcdef";
export const licenseArn = `arn:aws:license-manager::294406891311:license:${licenseId}`;
export const buyerAccountId = "123456789012";
export const customerIdentifier = "X01EXAMPLEX";

const license = { productCode: analyticsCode, licenseArn, buyerAccountId, agreementId: "agmt-1" };
const customer = { productCode: mailerCode, customerIdentifier };

type Given<Kind extends Fact["kind"]> = Partial<Omit<Extract<Fact, { kind: Kind }>, "kind" | "id" | "at">>;

const named = (id: string, time: string) => ({ id: id as FactId, at: at(time) });

/** Facts about the example buyer; a test names what matters to it. */
export const example = {
  subscribeSucceeded: (id: string, time: string, given: Given<"subscribe-succeeded"> = {}): Fact => ({
    kind: "subscribe-succeeded",
    ...named(id, time),
    ...customer,
    freeTrial: false,
    ...given,
  }),
  subscribeFailed: (id: string, time: string, given: Given<"subscribe-failed"> = {}): Fact => ({
    kind: "subscribe-failed",
    ...named(id, time),
    ...customer,
    ...given,
  }),
  unsubscribePending: (id: string, time: string, given: Given<"unsubscribe-pending"> = {}): Fact => ({
    kind: "unsubscribe-pending",
    ...named(id, time),
    ...customer,
    ...given,
  }),
  unsubscribeSucceeded: (id: string, time: string, given: Given<"unsubscribe-succeeded"> = {}): Fact => ({
    kind: "unsubscribe-succeeded",
    ...named(id, time),
    ...customer,
    ...given,
  }),
  windowElapsed: (id: string, time: string, given: Given<"window-elapsed"> = {}): Fact => ({
    kind: "window-elapsed",
    ...named(id, time),
    productCode: analyticsCode,
    subscriptionId: licenseId as string as SubscriptionId,
    ...given,
  }),
  startReached: (id: string, time: string, given: Given<"start-reached"> = {}): Fact => ({
    kind: "start-reached",
    ...named(id, time),
    productCode: analyticsCode,
    subscriptionId: licenseId as string as SubscriptionId,
    ...given,
  }),
  notice: (id: string, time: string, given: Given<"notice"> = {}): Fact => ({
    kind: "notice",
    ...named(id, time),
    detailType: "Purchase Agreement Advisory Issued - Manufacturer",
    known: true,
    detail: "{}",
    ...given,
  }),
  agreementAmended: (id: string, time: string, given: Given<"agreement-amended"> = {}): Fact => ({
    kind: "agreement-amended",
    ...named(id, time),
    agreementId: license.agreementId,
    ...given,
  }),
  agreementCreated: (id: string, time: string, given: Given<"agreement-created"> = {}): Fact => ({
    kind: "agreement-created",
    ...named(id, time),
    agreementId: license.agreementId,
    intent: "NEW",
    ...given,
  }),
  agreementEnded: (id: string, time: string, given: Given<"agreement-ended"> = {}): Fact => ({
    kind: "agreement-ended",
    ...named(id, time),
    agreementId: license.agreementId,
    status: "CANCELLED",
    ...given,
  }),
  licenseUpdated: (id: string, time: string, given: Given<"license-updated"> = {}): Fact => ({
    kind: "license-updated",
    ...named(id, time),
    ...license,
    ...given,
  }),
  licenseDeprovisioned: (id: string, time: string, given: Given<"license-deprovisioned"> = {}): Fact => ({
    kind: "license-deprovisioned",
    ...named(id, time),
    ...license,
    ...given,
  }),
  registered: (id: string, time: string, given: Given<"customer-registered"> = {}): Fact => ({
    kind: "customer-registered",
    ...named(id, time),
    productCode: analyticsCode,
    licenseArn,
    buyerAccountId,
    ...given,
  }),
};

import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { CustomerId } from "../lifecycle/customer.ts";
import type { Grant, Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import { analyticsCode, at, licenseArn, licenseId } from "../memory/example.ts";
import {
  customerEvent,
  entitlementEvent,
  outgoingEventSchema,
  subscriptionEvent,
  subscriptionEventTypes,
} from "./outgoing-event.ts";

const id = licenseId as string as SubscriptionId;
const when = at("2026-08-20T14:23:11.013Z");
const whole: Subscription = {
  id,
  productCode: analyticsCode,
  identity: { by: "license", licenseArn },
  registration: "registered",
  customerId: "cus-1" as CustomerId,
  buyerAccountId: "123456789012",
  grant: { state: "active", since: when },
  earlierGrants: [{ since: when, cutAt: when }],
  agreementId: "agmt-2",
  term: { intent: "RENEW", startsAt: when, endsAt: when, autoRenews: true },
  licenseArn,
  succeeds: "l-00000000" as SubscriptionId,
  succeededBy: "l-11111111" as SubscriptionId,
  offerId: "offer-1",
  freeTrial: true,
};
const grants: readonly Grant[] = [
  { state: "unknown" },
  { state: "pending" },
  { state: "pending", startsAt: when },
  { state: "active", since: when },
  { state: "cancelling", cutAt: when, deadlineAt: when },
  { state: "ended", since: when, cutAt: when },
  { state: "failed", at: when },
];

/** Every number that a date could hide in. */
const numbersIn = (value: unknown): readonly string[] =>
  [...JSON.stringify(value).matchAll(/":(\d{6,})/g)].map(([, digits = ""]) => digits);

describe("an outgoing event", () => {
  test.each(subscriptionEventTypes)(
    "of type %s says the whole state, and is what the schema says",
    (type) => {
      for (const grant of grants) {
        const event = subscriptionEvent(type, { ...whole, grant }, 7, when);
        expect(outgoingEventSchema.parse(event)).toEqual(event);
        expect(Object.keys("subscription" in event.data ? event.data.subscription : {}).toSorted()).toEqual(
          Object.keys(whole).toSorted(),
        );
        expect(numbersIn(event)).toEqual([]);
      }
    },
  );

  test("of entitlements and customers is what the schema says, with instants as text", () => {
    const entitlements = [
      { dimension: "seats", value: 25, expiresAt: when },
      { dimension: "sso", value: false },
      { dimension: "support", value: "" },
    ];
    const events = [
      entitlementEvent("entitlement.changed", id, entitlements, 2, when),
      customerEvent(
        "customer.registered",
        { id: "cus-1" as CustomerId, version: 1, registeredAt: when },
        when,
      ),
    ];
    for (const event of events) {
      expect(outgoingEventSchema.parse(event)).toEqual(event);
      expect(numbersIn(event)).toEqual([]);
    }
  });

  test("is described to other programs as docs/events/outgoing-event.schema.json says (npx vitest -u writes it)", async () => {
    // As input: a field that a later version adds is no error to who reads with this schema.
    const schema = z.toJSONSchema(outgoingEventSchema, { target: "draft-2020-12", io: "input" });
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      "../../../../docs/events/outgoing-event.schema.json",
    );
  });
});

import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity, Service } from "electrodb";
import { lifecycleKey } from "./key.ts";

const text = { type: "string", required: true } as const;
const count = { type: "number", required: true } as const;
/** Checked by core's own schema when read, so that one place says what a fact or a state is. */
const document = { type: "any", required: true } as const;

/** One key: its field, the attributes in it, and its form. ElectroDB would else change the case of ids. */
const key = <const Field extends string, const Composite extends readonly string[]>(
  field: Field,
  template: string,
  composite: Composite,
) => ({
  field,
  composite,
  template,
  casing: "none" as const,
});

/** The entities of the Lifecycle table. An item without the attributes of an index is not in that index. */
export function lifecycleEntities(client: DynamoDBDocumentClient, table: string) {
  const options = { client, table };
  const model = <const Name extends string>(entity: Name) => ({ entity, service: "lifecycle", version: "1" });
  const {
    subscription,
    subscriptionByCustomer,
    listed,
    listedFact,
    agreement,
    buyer,
    fact,
    customer,
    customerByReference,
    entitlements,
    outbox,
    outboxUndone,
  } = lifecycleKey;
  /** Sparse: only what has a `listing` is in a list. */
  const inList = {
    index: "listed",
    pk: key("gsi3pk", listed.pk, ["listing"]),
    sk: key("gsi3sk", listed.sk, ["id"]),
  } as const;
  return new Service({
    subscription: new Entity(
      {
        model: model("subscription"),
        attributes: {
          id: text,
          version: count,
          state: document,
          links: document,
          announced: { type: "boolean", required: true },
          listing: { type: "string" },
          customerId: { type: "string" },
        },
        indexes: {
          state: { pk: key("pk", subscription.pk, ["id"]), sk: key("sk", subscription.sk, []) },
          byCustomer: {
            index: "byCustomer",
            pk: key("gsi1pk", subscriptionByCustomer.pk, ["customerId"]),
            sk: key("gsi1sk", subscriptionByCustomer.sk, ["id"]),
          },
          listed: inList,
        },
      },
      options,
    ),
    agreement: new Entity(
      {
        model: model("agreement"),
        attributes: { id: text, version: count, links: document, listing: { type: "string" } },
        indexes: {
          state: { pk: key("pk", agreement.pk, ["id"]), sk: key("sk", agreement.sk, []) },
          listed: inList,
        },
      },
      options,
    ),
    buyer: new Entity(
      {
        model: model("buyer"),
        attributes: { id: text, version: count, licenses: document, listing: { type: "string" } },
        indexes: {
          state: { pk: key("pk", buyer.pk, ["id"]), sk: key("sk", buyer.sk, []) },
          listed: inList,
        },
      },
      options,
    ),
    fact: new Entity(
      {
        model: model("fact"),
        attributes: {
          stream: text,
          factId: text,
          fact: document,
          listing: { type: "string" },
          /** Where in its list; short, as a sort key must be. */
          place: { type: "string" },
        },
        indexes: {
          all: { pk: key("pk", fact.pk, ["stream"]), sk: key("sk", fact.sk, ["factId"]) },
          listed: {
            index: "listed",
            pk: key("gsi3pk", listedFact.pk, ["listing"]),
            sk: key("gsi3sk", listedFact.sk, ["place"]),
          },
        },
      },
      options,
    ),
    customer: new Entity(
      {
        model: model("customer"),
        attributes: {
          id: text,
          version: count,
          buyerAccountId: { type: "string" },
          customerIdentifier: { type: "string" },
          registeredAt: count,
          erasedAt: { type: "number" },
          reference: { type: "string" },
          referencedAt: { type: "number" },
          referencedBy: { type: "string" },
          contact: { type: "any" },
          listing: { type: "string" },
        },
        indexes: {
          state: { pk: key("pk", customer.pk, ["id"]), sk: key("sk", customer.sk, []) },
          byReference: {
            index: "byCustomer",
            pk: key("gsi1pk", customerByReference.pk, ["reference"]),
            sk: key("gsi1sk", customerByReference.sk, ["id"]),
          },
          listed: inList,
        },
      },
      options,
    ),
    entitlements: new Entity(
      {
        model: model("entitlements"),
        attributes: {
          subscriptionId: text,
          readAt: count,
          version: count,
          entitlements: document,
          emptySince: { type: "number" },
        },
        indexes: {
          state: { pk: key("pk", entitlements.pk, ["subscriptionId"]), sk: key("sk", entitlements.sk, []) },
        },
      },
      options,
    ),
    outbox: new Entity(
      {
        model: model("outbox"),
        attributes: {
          id: text,
          bucket: { type: "string" },
          dueAt: text,
          task: document,
          doneAt: { type: "string" },
          expiresAt: { type: "number" },
        },
        indexes: {
          entry: { pk: key("pk", outbox.pk, ["id"]), sk: key("sk", outbox.sk, []) },
          undone: {
            index: "unpublished",
            pk: key("gsi2pk", outboxUndone.pk, ["bucket"]),
            sk: key("gsi2sk", outboxUndone.sk, ["dueAt", "id"]),
          },
        },
      },
      options,
    ),
  });
}

export type LifecycleEntities = ReturnType<typeof lifecycleEntities>;

import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import { eraseCustomer } from "@tollhouse/core/lifecycle/erase-customer";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented } from "../output/paragraph.ts";
import type { View } from "../output/view.ts";
import type { Source } from "../source.ts";
import { unknownCustomer } from "./unknown.ts";

interface Erased {
  readonly customerId: CustomerId;
  /** What of the record was there, by name of the field. */
  readonly fields: readonly string[];
  /** Quarantined messages that named the customer. */
  readonly quarantined: number;
  /** The subscriptions whose facts and books keep AWS's ids. */
  readonly subscriptionIds: readonly SubscriptionId[];
}

/** Asks whoever runs the command; `true` when the answer is yes. */
export type Confirm = (question: string) => Promise<boolean>;

/** @throws CommandError when there is no such customer, when erasing is refused, or when nobody agrees to it */
export async function erase(
  source: Pick<Source, "store" | "quarantine" | "clock">,
  name: string,
  where: string,
  confirm: Confirm,
): Promise<Answer<{ readonly erased: Erased }>> {
  const id = name as CustomerId;
  const known = await source.store.loadCustomer(id);
  if (known === undefined) throw unknownCustomer(name);
  const subscriptionIds = await source.store.subscriptionsOf(id);
  const fields = (["buyerAccountId", "customerIdentifier", "reference", "contact"] as const).filter(
    (key) => known[key] !== undefined,
  );
  if (!(await confirm(`${where}: erase what names customer ${id}? This cannot be undone.`)))
    throw new CommandError("refused", "Nothing was erased.");
  const outcome = await eraseCustomer(source, id);
  if (outcome.kind === "refused")
    throw outcome.reason === "unknown" ? unknownCustomer(name) : stillSubscribed(id, outcome.subscriptionIds);
  const { quarantined } = outcome;
  return { data: { erased: { customerId: id, fields, quarantined, subscriptionIds } }, text: erasedText };
}

const stillSubscribed = (id: CustomerId, subscriptionIds: readonly SubscriptionId[]): CommandError =>
  new CommandError(
    "refused",
    `Customer ${id} is not erased: AWS still takes usage of ${subscriptionIds.join(", ")}, which needs the buyer's ids. ` +
      `Nothing was erased. Try again when ${subscriptionIds.length === 1 ? "it has" : "they have"} ended.`,
  );

const fieldNames: Readonly<Record<string, string>> = {
  buyerAccountId: "the AWS account",
  customerIdentifier: "AWS's customer identifier",
  reference: "your reference",
  contact: "the e-mail address",
};

function erasedText({ erased }: { readonly erased: Erased }, { width, paint }: View): string {
  const { customerId, fields, quarantined, subscriptionIds } = erased;
  const ofRecord = fields.map((field) => fieldNames[field] ?? field).join(" and ");
  const remains = [
    `the customer's id, and when it was registered and erased, so that ${customerId} stays one customer`,
    ...(subscriptionIds.length === 0
      ? []
      : [
          `the facts, state and books of ${subscriptionIds.join(", ")}, with AWS's account and license ids: without them no bill could be explained`,
        ]),
    ...(fields.includes("reference")
      ? ["your reference in the facts and in usage that named it, for the same reason"]
      : []),
    "published events for up to 30 days, and what your own services keep",
  ];
  return [
    paint.strong(`Erased ${customerId}`),
    ...indented(
      `· from its record: ${ofRecord === "" ? "nothing, it was erased before" : ofRecord}`,
      2,
      width,
    ),
    ...indented(`· quarantined messages that named it: ${quarantined}`, 2, width),
    "",
    paint.strong("What remains"),
    ...remains.flatMap((each) => indented(`· ${each}`, 2, width)),
    "",
    ...indented("docs/privacy.md says what is kept where, how long and why.", 0, width, paint.quiet),
  ].join("\n");
}

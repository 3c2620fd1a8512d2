import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import { parkedReasons } from "@tollhouse/core/lifecycle/store";
import { noChangeReasons } from "@tollhouse/core/lifecycle/timeline";
import { agePhrase, entitlementBrief } from "../entitlement/entitlement-words.ts";
import { factSentence } from "../fact/fact-sentence.ts";
import { indented, nameValues } from "../output/paragraph.ts";
import { absolute, both, relative } from "../output/time.ts";
import type { View } from "../output/view.ts";
import { changeSentences, grantSentence, paintState, termSentence } from "./grant-words.ts";
import type { ShownStep, ShownSubscription } from "./shown.ts";

export function subscriptionText(shown: ShownSubscription, configuration: Configuration, view: View): string {
  const { subscription, timeline } = shown;
  const { paint, width } = view;
  const { state } = subscription.grant;
  return [
    `${paint.strong(subscription.id)}  ${paintState(paint, state)(state)}`,
    ...nameValues(facets(shown, configuration, view), width),
    ...warnings(shown).flatMap((warning) => ["", ...indented(warning, 0, width, paint.warn)]),
    "",
    ...(timeline === undefined ? [] : timelineLines(timeline, view)),
  ]
    .join("\n")
    .trimEnd();
}

function facets(
  { subscription, links, entitlements, askedFor }: ShownSubscription,
  configuration: Configuration,
  { now }: View,
): readonly (readonly [string, string | undefined])[] {
  const { productCode, identity, grant, term, registration, customerId, buyerAccountId } = subscription;
  const title = findProduct(configuration, productCode)?.title;
  return [
    ["asked for", askedFor && `${askedFor}, whose facts belong to this subscription`],
    ["product", title === undefined ? productCode : `${title} (${productCode})`],
    [
      "grant",
      `${grantSentence(grant, (at) => both(at, now))}${subscription.freeTrial ? ", a free trial" : ""}`,
    ],
    [
      "earlier grants",
      subscription.earlierGrants
        .map(({ since, cutAt }) => `${absolute(since)} to ${absolute(cutAt)}`)
        .join("; "),
    ],
    ["buyer", registration === "registered" ? `registered, ${customerId ?? ""}` : "not registered yet"],
    ["AWS account", buyerAccountId],
    ["identifier", identity.by === "customer" ? identity.customerIdentifier : undefined],
    ["license", identity.by === "license" ? identity.licenseArn : subscription.licenseArn],
    ["agreement", subscription.agreementId],
    ["term", term && termSentence(term, (at) => both(at, now))],
    ["offer", subscription.offerId],
    ["entitlements", entitlements && `${brief(entitlements.entitlements)} (${agePhrase(entitlements, now)})`],
    ["renews", subscription.succeeds],
    ["renewed by", subscription.succeededBy],
    [
      "agreements",
      links.agreementIds.length > 1 ? `all that ever owned it: ${links.agreementIds.join(", ")}` : "",
    ],
    ["licenses", links.licenseIds.join(", ")],
  ];
}

const brief = (all: readonly Parameters<typeof entitlementBrief>[0][]): string =>
  all.length === 0 ? "none" : all.map(entitlementBrief).join(", ");

function warnings({
  announced,
  storedDiffers,
  timeline,
  subscription,
}: ShownSubscription): readonly string[] {
  return [
    ...(announced ? [] : [`Not a subscription of its own yet: ${parkedReasons["evidence-only"]}.`]),
    ...(storedDiffers
      ? [
          "What is stored differs from what these facts say. Is tollhouse.config.ts here the one that was deployed? " +
            "Then the next fact brings it up to date.",
        ]
      : []),
    ...(timeline === undefined
      ? [
          `Product ${subscription.productCode} is not in tollhouse.config.ts, without which facts cannot be explained. ` +
            `\`tollhouse facts show subscription:${subscription.id}\` lists them.`,
        ]
      : []),
  ];
}

function timelineLines(steps: readonly ShownStep[], view: View): readonly string[] {
  const count = steps.length === 1 ? "one fact" : `${steps.length} facts`;
  return [
    view.paint.strong(`Timeline: ${count}, in the order in which they count`),
    ...steps.flatMap((step) => ["", ...stepLines(step, view)]),
  ];
}

function stepLines(
  { fact, filedUnder, decides, changed, unchanged }: ShownStep,
  view: View,
): readonly string[] {
  const { now, width, paint } = view;
  const changes = changeSentences(changed);
  const results =
    unchanged === undefined
      ? [
          ...changes.map((sentence) => `→ ${sentence}`),
          ...(decides ? [] : ["→ the grant stays: told by the generation that does not decide"]),
        ]
      : [`no change: ${noChangeReasons[unchanged]}`];
  const whole = `filed under ${filedUnder} · fact ${fact.id}`;
  const filing = whole.length + 2 > width ? whole.split(" · ") : [whole];
  return [
    `${absolute(fact.at)}  ${paint.quiet(relative(fact.at, now))}`,
    ...indented(factSentence(fact), 2, width),
    ...results.flatMap((line) =>
      indented(line, 2, width, unchanged === undefined ? paint.good : paint.quiet),
    ),
    ...filing.flatMap((line) => indented(line, 2, width, paint.quiet)),
  ];
}

import { makeLocalQueueClient } from "@tollhouse/aws/message/queue-client";
import { takeSellerEvents } from "@tollhouse/aws/message/seller-events";
import { sendUsage } from "@tollhouse/aws/message/usage-queue";
import type { Product } from "@tollhouse/core/configuration/configuration";
import { formatQuantity } from "@tollhouse/core/quantity/micro-units";
import type { Places } from "@tollhouse/local/places";
import { eventListener, patience } from "./listening.ts";
import type { Agreement, Marketplace } from "./marketplace.ts";
import type { Narrator } from "./narrator.ts";
import type { Trouble } from "./trouble.ts";
import {
  type Amounts,
  compare,
  lastAmounts,
  reportUsage,
  together,
  type Used,
  usualAmounts,
} from "./usage.ts";

const buyerAccountId = "777788889999";
/** What the registration page may take. */
const pageTimeoutMs = 20_000;

interface Buyer {
  readonly product: Product;
  readonly agreement: Agreement;
  /** What the seller's services call the buyer's subscription by. */
  readonly subject: string;
}

/** Where a story plays, and who tells it. */
export interface Stage {
  readonly places: Places;
  readonly marketplace: Marketplace;
  readonly narrator: Narrator;
  readonly trouble: Trouble;
  /** Breaks the story off. */
  readonly over: AbortSignal;
}

/**
 * Plays the story and tells it. Gives whether AWS Marketplace billed exactly what was used.
 * @throws Error when a step does not come, or when `over` aborts
 */
export async function playStory(stage: Stage, listings: readonly Product[]): Promise<boolean> {
  const queues = makeLocalQueueClient(stage.places.queuesUrl);
  try {
    return await new Story(stage, queues).play(listings);
  } finally {
    queues.destroy();
  }
}

class Story {
  private readonly stage: Stage;
  private readonly queues: ReturnType<typeof makeLocalQueueClient>;
  private readonly waitFor: ReturnType<typeof patience>;
  private readonly heard: ReturnType<typeof eventListener>;

  constructor(stage: Stage, queues: ReturnType<typeof makeLocalQueueClient>) {
    const { places, narrator, trouble, over } = stage;
    this.stage = stage;
    this.queues = queues;
    this.waitFor = patience(trouble.patienceSeconds, over);
    const take = () => takeSellerEvents(queues, places.queueUrls["seller-events"]);
    this.heard = eventListener(take, narrator, this.waitFor);
  }

  async play(listings: readonly Product[]): Promise<boolean> {
    const { marketplace, narrator, trouble } = this.stage;
    const buyers = await this.subscribe(listings);
    await this.register(buyers);

    narrator.chapter("The product is used; its services report usage, each event twice, as queues do");
    narrator.explain("A usage event says who used how much of what, and when. Its id makes it count once.");
    const used = await this.use(buyers, usualAmounts);
    narrator.chapter("An hour passes within seconds; the hour closes, is sealed and metered");
    narrator.explain(
      "AWS takes one number for each dimension and hour, and no second one. So the hour must be over,",
    );
    narrator.explain("and what was late must have come in, before its number is sent.");
    trouble.kill("fold", "meter");
    await this.untilBilled(used, 1_200);

    narrator.chapter("The product is used once more, and in the same hour the buyer cancels");
    narrator.explain(
      "The hour in which a buyer leaves is billed too, but AWS takes its number for an hour only.",
    );
    const all = together(used, await this.use(buyers, lastAmounts));
    await this.cancel(buyers, all);

    const { lines, equal } = compare(
      all,
      await marketplace.billedTotals(),
      await marketplace.billedRecords(),
    );
    await trouble.end();
    narrator.bill(lines, equal);
    return equal;
  }

  private async subscribe(listings: readonly Product[]): Promise<readonly Buyer[]> {
    const { marketplace, narrator, trouble } = this.stage;
    narrator.chapter("A buyer subscribes on AWS Marketplace");
    narrator.explain("A simulator plays AWS: no account is needed, and its clock may be moved.");
    await trouble.begin();
    await marketplace.setClock({ now: nextHour(await marketplace.now()) });
    const buyers = await Promise.all(listings.map((product) => subscribe(marketplace, product)));
    for (const { product } of buyers)
      narrator.note(
        `${product.title} (${product.generation === "sns" ? "old listing, SNS" : "new listing, EventBridge"})`,
      );
    return buyers;
  }

  private async register(buyers: readonly Buyer[]): Promise<void> {
    const { places, marketplace, narrator, trouble } = this.stage;
    narrator.chapter("AWS sends the buyer's browser to the registration page");
    narrator.explain(
      "The browser brings a token; AWS says whose it is. AWS confirms the subscription apart from that, before or after.",
    );
    for (const { product, agreement } of buyers) {
      await register(places.registrationUrl, agreement.registrationToken);
      narrator.note(`${product.title}: registered`);
    }
    narrator.note("Minutes pass; AWS's notifications arrive. The seller's services hear:");
    trouble.kill("intake");
    await marketplace.setClock({ advanceSeconds: trouble.notifiedSeconds });
    for (const { subject, product } of buyers) {
      await this.heard("subscription.activated", subject);
      if (product.dimensions.some(({ kind }) => kind === "entitled"))
        await this.heard("entitlement.granted", `${subject}/entitlements`);
    }
  }

  private async use(buyers: readonly Buyer[], amounts: Amounts): Promise<readonly Used[]> {
    const { places, marketplace, narrator, trouble } = this.stage;
    const send = (events: readonly unknown[]) => sendUsage(this.queues, places.queueUrls.Usage, events);
    const used = await reportUsage(buyers, amounts, await marketplace.now(), send);
    for (const { product, dimension, quantity } of used)
      narrator.note(`${product.title}: ${formatQuantity(quantity)} ${dimension}`);
    trouble.kill("usage");
    return used;
  }

  /** Lets time pass until the bill is what was used. */
  private async untilBilled(used: readonly Used[], rate: number): Promise<void> {
    const { marketplace, narrator } = this.stage;
    await marketplace.setClock({ rate });
    const isBilled = await this.waitFor(async () => compare(used, await marketplace.billedTotals()).equal);
    await marketplace.setClock({ rate: 1 });
    const told = `It is ${await marketplace.now()}; the bill is there.`;
    narrator.note(isBilled ? told : "The bill did not become what was used.");
  }

  private async cancel(buyers: readonly Buyer[], used: readonly Used[]): Promise<void> {
    const { marketplace, narrator, trouble } = this.stage;
    // Events of AWS name no fractions of a second: of what is used in the last one nobody knows whether it came before the end.
    await marketplace.setClock({ advanceSeconds: 60 });
    for (const { agreement } of buyers) await marketplace.cancel(agreement.agreementId);
    narrator.note(`It is ${await marketplace.now()}; AWS takes usage for an hour more, then none.`);
    await marketplace.setClock({ advanceSeconds: trouble.notifiedSeconds });
    for (const { subject } of buyers) await this.heard("subscription.cancelling", subject);
    trouble.kill("relay", "meter");
    await this.untilBilled(used, trouble.finalHourRate);
    narrator.note("When the hour is over nothing more can be reported:");
    await marketplace.setClock({ advanceSeconds: 3_700 });
    for (const { subject } of buyers) await this.heard("subscription.ended", subject);
  }
}

async function subscribe(marketplace: Marketplace, product: Product): Promise<Buyer> {
  const entitlements = product.dimensions
    .filter(({ kind }) => kind === "entitled")
    .map(({ key }) => ({ dimension: key, value: 10 }));
  const agreement = await marketplace.subscribe({ productCode: product.code, buyerAccountId, entitlements });
  const subject =
    product.generation === "sns"
      ? `${product.code}/${agreement.customerIdentifier ?? ""}`
      : agreement.licenseArn;
  return { product, agreement, subject };
}

async function register(registrationUrl: string, token: string): Promise<void> {
  const response = await fetch(registrationUrl, {
    method: "POST",
    body: new URLSearchParams({ "x-amzn-marketplace-token": token }),
    signal: AbortSignal.timeout(pageTimeoutMs),
  });
  if (!response.ok) throw new Error(`The registration page answered ${response.status}.`);
}

/** Five past the next full hour: the whole story before the first bill lies in one hour. */
const nextHour = (now: string): string =>
  new Date((Math.floor(Date.parse(now) / 3_600_000) + 1) * 3_600_000 + 300_000).toISOString();

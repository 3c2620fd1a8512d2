import { makeLocalQueueClient } from "@tollhouse/aws/message/queue-client";
import { type SellerEvent, takeSellerEvents } from "@tollhouse/aws/message/seller-events";
import { sendUsage } from "@tollhouse/aws/message/usage-queue";
import type { Configuration, Product } from "@tollhouse/core/configuration/configuration";
import {
  add,
  formatQuantity,
  type MicroUnits,
  parseQuantity,
  zeroUnits,
} from "@tollhouse/core/quantity/micro-units";
import { StartError } from "@tollhouse/local/failure";
import type { Places } from "@tollhouse/local/places";
import { type Agreement, type Marketplace, simulatedMarketplace } from "./marketplace.ts";
import type { BillLine, Narrator } from "./narrator.ts";

const buyerAccountId = "777788889999";
/** The longest that any one step may take on the machine's clock. */
const patienceMs = 20_000;

interface Buyer {
  readonly product: Product;
  readonly agreement: Agreement;
  /** What the seller's services call the buyer's subscription by. */
  readonly subject: string;
}

/**
 * An old and a new listing, as far as there are: one of each generation that meters something.
 * @throws StartError when none does
 */
export function meteredListings({ products }: Configuration): readonly Product[] {
  const listings = (["sns", "eventbridge"] as const).flatMap(
    (wanted) =>
      products.find(
        ({ generation, dimensions }) =>
          generation === wanted && dimensions.some(({ kind }) => kind === "metered"),
      ) ?? [],
  );
  if (listings.length > 0) return listings;
  throw new StartError(
    "nothing-metered",
    "No product in tollhouse.config.ts has a metered dimension: nothing is used and nothing billed, so there is no story to play.",
  );
}

/**
 * Plays the story and tells it. Gives whether AWS Marketplace billed exactly what was used.
 * @throws Error when a step does not come, or when `over` aborts
 */
export async function playStory(
  places: Places,
  listings: readonly Product[],
  narrator: Narrator,
  over: AbortSignal,
): Promise<boolean> {
  const marketplace = simulatedMarketplace(places.simulatorUrl);
  const queues = makeLocalQueueClient(places.queuesUrl);
  const waitFor = patience(over);
  const heard = eventListener(
    () => takeSellerEvents(queues, places.queueUrls["seller-events"]),
    narrator,
    waitFor,
  );

  narrator.chapter("A buyer subscribes on AWS Marketplace");
  await marketplace.setClock({ now: nextHour(await marketplace.now()) });
  const buyers = await Promise.all(listings.map((product) => subscribe(marketplace, product)));
  for (const { product } of buyers)
    narrator.note(
      `${product.title} (${product.generation === "sns" ? "old listing, SNS" : "new listing, EventBridge"})`,
    );

  narrator.chapter("AWS sends the buyer's browser to the registration page");
  for (const { product, agreement } of buyers) {
    await register(places.registrationUrl, agreement.registrationToken);
    narrator.note(`${product.title}: registered`);
  }
  narrator.note("Two minutes pass; AWS's notifications arrive. The seller's services hear:");
  await marketplace.setClock({ advanceSeconds: 120 });
  for (const { subject, product } of buyers) {
    await heard("subscription.activated", subject);
    if (product.dimensions.some(({ kind }) => kind === "entitled"))
      await heard("entitlement.granted", `${subject}/entitlements`);
  }

  narrator.chapter("The product is used; its services report usage, some of it twice, as queues do");
  const used = await use(buyers, await marketplace.now(), async (events) =>
    sendUsage(queues, places.queueUrls.Usage, events),
  );
  for (const { product, dimension, quantity } of used)
    narrator.note(`${product.title}: ${formatQuantity(quantity)} ${dimension}`);

  narrator.chapter("An hour passes within seconds; the hour closes, is sealed and metered");
  await marketplace.setClock({ rate: 1_200 });
  const billedInTime = await waitFor(async () => compare(used, await marketplace.billedTotals()).equal);
  await marketplace.setClock({ rate: 1 });
  narrator.note(
    billedInTime
      ? `It is ${await marketplace.now()}; the bill is there.`
      : "The bill did not become what was used.",
  );

  narrator.chapter("The buyer cancels");
  for (const { agreement } of buyers) await marketplace.cancel(agreement.agreementId);
  await marketplace.setClock({ advanceSeconds: 120 });
  for (const { subject } of buyers) await heard("subscription.cancelling", subject);
  narrator.note("An hour later nothing more can be reported:");
  await marketplace.setClock({ advanceSeconds: 3_700 });
  for (const { subject } of buyers) await heard("subscription.ended", subject);

  const { lines, equal } = compare(used, await marketplace.billedTotals());
  narrator.bill(lines, equal);
  queues.destroy();
  return equal;
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
    signal: AbortSignal.timeout(patienceMs),
  });
  if (!response.ok) throw new Error(`The registration page answered ${response.status}.`);
}

interface Used {
  readonly product: Product;
  readonly dimension: string;
  readonly quantity: MicroUnits;
}

/** Amounts that a product's services might report, fractions among them, that make whole units together. */
const amountsOfDimension = [
  ["120", "0.25", "17.5", "0.25", "41"],
  ["2048", "512.5", "0.5", "1439"],
  ["1.75", "0.125", "0.125"],
];

/** Each event is sent twice, in messages of their own, and counts once. */
async function use(
  buyers: readonly Buyer[],
  time: string,
  send: (events: readonly unknown[]) => Promise<void>,
): Promise<readonly Used[]> {
  const used: Used[] = [];
  for (const { product, subject } of buyers) {
    for (const { key: dimension, kind } of product.dimensions) {
      if (kind !== "metered") continue;
      const amounts = amountsOfDimension[used.length % amountsOfDimension.length] ?? [];
      const events = amounts.map((quantity, index) => ({
        specversion: "1.0",
        id: `${subject}-${dimension}-${index}`,
        source: "demo",
        type: "usage",
        subject,
        time,
        data: { dimension, quantity },
      }));
      await send(events);
      await send(events);
      used.push({
        product,
        dimension,
        quantity: amounts.map(parseQuantity).reduce<MicroUnits>(sum, zeroUnits),
      });
    }
  }
  return used;
}

const sum = (total: MicroUnits, amount: ReturnType<typeof parseQuantity>): MicroUnits =>
  typeof amount === "object" ? total : add(total, amount);

function compare(
  used: readonly Used[],
  billed: Awaited<ReturnType<Marketplace["billedTotals"]>>,
): { lines: BillLine[]; equal: boolean } {
  const lines = used.map(({ product, dimension, quantity }): BillLine => {
    const total =
      billed.find((line) => line.productCode === product.code && line.dimension === dimension)?.quantity ?? 0;
    const usedText = formatQuantity(quantity);
    return {
      product: product.title,
      dimension,
      used: usedText,
      billed: String(total),
      equal: usedText === String(total),
    };
  });
  const equal = lines.length > 0 && billed.length === lines.length && lines.every((line) => line.equal);
  return { lines, equal };
}

/** Tells every event that the seller's services hear, and waits for a certain one. */
function eventListener(
  take: () => Promise<readonly SellerEvent[]>,
  narrator: Narrator,
  waitFor: ReturnType<typeof patience>,
) {
  const heard: SellerEvent[] = [];
  return async (type: string, subject: string): Promise<void> => {
    const isHeard = () => heard.some((event) => event.type === type && subject.endsWith(event.subject));
    const arrived = await waitFor(async () => {
      if (isHeard()) return true;
      for (const event of await take()) {
        // Events come at least once; a repeat has the same id.
        if (heard.some(({ id }) => id === event.id)) continue;
        narrator.note(`→ ${told(event)}`);
        heard.push(event);
      }
      return isHeard();
    });
    if (arrived) return;
    const last = heard.at(-1);
    throw new Error(
      `The seller's services never heard ${type} of ${subject}. ${last === undefined ? "They heard nothing at all." : `The last that they heard: ${told(last)}.`}`,
    );
  };
}

const told = ({ type, subject, data }: SellerEvent): string =>
  `${type}  ${subject} (version ${data.version})`;

/** Asks until the answer is yes or patience ends. @throws what `over` was aborted with */
const patience = (over: AbortSignal) => async (question: () => Promise<boolean>) => {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    over.throwIfAborted();
    if (await question()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};

/** Five past the next full hour: the whole story before the bill lies in one hour. */
const nextHour = (now: string): string =>
  new Date((Math.floor(Date.parse(now) / 3_600_000) + 1) * 3_600_000 + 300_000).toISOString();

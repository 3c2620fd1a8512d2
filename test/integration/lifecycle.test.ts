import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { hasJava } from "../java.ts";
import { type Command, type Ready, start } from "./command.ts";
import { lifecycleTable } from "./table.ts";

const mailer = "n0123examplemailer0000000";
const analytics = "c0456exampleanalytics0000";
const eventually = { timeout: 60_000, interval: 250 };

const agreementSchema = z.object({
  agreementId: z.string(),
  licenseArn: z.string(),
  customerIdentifier: z.string().optional(),
  registrationToken: z.string().optional(),
});
type Agreement = z.output<typeof agreementSchema>;
const subscriptionsSchema = z.object({
  subscriptions: z.array(z.object({ endpoint: z.string(), confirmedAt: z.string().nullable() })),
});

/** What AWS, a buyer and an operator see of a running world. */
function outside(ready: Ready) {
  const { simulatorUrl, registrationUrl } = ready;
  const table = lifecycleTable(ready);
  const simulator = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${simulatorUrl}/_simulator/${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const act = async (path: string, body: unknown): Promise<Agreement> =>
    agreementSchema.parse(await simulator("POST", path, body));
  return {
    simulator,
    act,
    buy: (productCode: string, buyerAccountId: string, more: object = {}) =>
      act("agreements", { productCode, buyerAccountId, ...more }),
    pass: (seconds: number) => simulator("POST", "clock", { advanceSeconds: seconds }),
    visit: async (token: string | undefined) =>
      fetch(registrationUrl, {
        method: "POST",
        body: new URLSearchParams({ "x-amzn-marketplace-token": token ?? "" }),
      }),
    quarantined: () => table.quarantined(),
    async state(id: string) {
      const stored = await table.subscription(id);
      return stored && `${stored.registration} ${stored.grant.state} ${stored.agreementId ?? ""}`.trim();
    },
  };
}

const idOf = ({ licenseArn }: Agreement): string => licenseArn.slice(licenseArn.lastIndexOf(":") + 1);
const topicIdOf = ({ customerIdentifier }: Agreement): string => `${mailer}/${customerIdentifier ?? ""}`;

describe.runIf(await hasJava("the lifecycle in the local world"))("the lifecycle in the local world", () => {
  let command: Command;
  let ready: Ready;
  let world: ReturnType<typeof outside>;
  let buyers = 100_000_000_000;
  const newBuyer = () => String((buyers += 1));

  beforeAll(async () => {
    ({ command, ready } = await start());
    world = outside(ready);
  });
  afterAll(() => command.interrupt());
  beforeEach(() => world.simulator("DELETE", "faults"));

  const reaches = (id: string, state: string) =>
    vi.waitFor(async () => expect(await world.state(id)).toBe(state), eventually);

  it("ends where AWS ends when every notification is repeated, late and out of order", async () => {
    await world.simulator("PUT", "faults", {
      seed: "storm",
      rules: [
        { on: "notifications", fault: "reorder", probability: 0.4, delaySeconds: 200 },
        { on: "notifications", fault: "repeat", probability: 0.7, copies: 3, delaySeconds: 45 },
        { on: "notifications", fault: "delay", probability: 1, delaySeconds: 120 },
      ],
    });
    const [one, other] = [await world.buy(analytics, newBuyer()), await world.buy(mailer, newBuyer())];
    expect((await world.visit(one.registrationToken)).status).toBe(200);
    expect((await world.visit(other.registrationToken)).status).toBe(200);
    // Both begin, and the buyer cancels, before the seller hears of either.
    await world.pass(90);
    for (const agreement of [one, other]) await world.act(`agreements/${agreement.agreementId}/cancel`, {});
    await world.pass(1_800);
    await reaches(idOf(one), `registered cancelling ${one.agreementId}`);
    await reaches(topicIdOf(other), "registered cancelling");
    await world.pass(4_000);
    await reaches(idOf(one), `registered ended ${one.agreementId}`);
    await reaches(topicIdOf(other), "registered ended");
  });

  it("heals what was never told: a license that began and one that ended", async () => {
    await world.simulator("POST", "faults", {
      ...{ on: "notifications", fault: "drop", kind: "license-updated", next: 1 },
    });
    const lost = await world.buy(analytics, newBuyer());
    const ended = await world.buy(analytics, newBuyer());
    await world.pass(180);
    await reaches(idOf(ended), `unregistered active ${ended.agreementId}`);
    for (const kind of ["agreement-ended", "license-deprovisioned"])
      await world.simulator("POST", "faults", { on: "notifications", fault: "drop", kind, next: 1 });
    await world.act(`agreements/${ended.agreementId}/cancel`, {});
    // Each quarter of an hour AWS is compared; what disagrees twice is believed.
    await vi.waitFor(async () => {
      await world.pass(16 * 60);
      expect(await world.state(idOf(lost))).toBe(`unregistered active ${lost.agreementId}`);
      expect(await world.state(idOf(ended))).toMatch(/cancelling|ended/);
    }, eventually);
  });

  it("registers a buyer whose license AWS names late, and lets the page ask again", async () => {
    const agreement = await world.buy(analytics, newBuyer(), { licenseArnMissing: 1 });
    const first = await (await world.visit(agreement.registrationToken)).text();
    expect(first).toContain("You are registered");
    expect(first).toContain("AWS is still preparing your license");
    expect(first).toContain('name="x-amzn-marketplace-token"');
    await world.pass(180);
    await reaches(idOf(agreement), `registered active ${agreement.agreementId}`);
    const second = await (await world.visit(agreement.registrationToken)).text();
    expect(second).toContain("Your subscription is active");
    expect(second).not.toContain('name="x-amzn-marketplace-token"');
  });

  it("follows a renewal", async () => {
    const agreement = await world.buy(analytics, newBuyer());
    await world.visit(agreement.registrationToken);
    await world.pass(180);
    await reaches(idOf(agreement), `registered active ${agreement.agreementId}`);
    const next = await world.act(`agreements/${agreement.agreementId}/renew`, {});
    await world.pass(180);
    await reaches(idOf(next), `registered active ${next.agreementId}`);
  });

  it("confirms the subscription of its queue to a configured topic, and takes what comes by HTTPS as well", async () => {
    const before = (await world.quarantined()).length;
    for (const endpoint of ["queue", ready.webhookUrl])
      await world.simulator("POST", "subscriptions", { productCode: mailer, endpoint });
    await vi.waitFor(async () => {
      const { subscriptions } = subscriptionsSchema.parse(await world.simulator("GET", "subscriptions"));
      const confirmed = subscriptions.filter(({ confirmedAt }) => confirmedAt !== null);
      expect(confirmed.map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [ready.webhookUrl, "queue"].toSorted(),
      );
    }, eventually);
    const agreement = await world.buy(mailer, newBuyer());
    await world.pass(180);
    await reaches(topicIdOf(agreement), "unregistered active");
    expect(await world.quarantined()).toHaveLength(before);
  });

  it("keeps an event of a kind that it does not know", async () => {
    const agreement = await world.buy(analytics, newBuyer());
    await world.pass(180);
    await reaches(idOf(agreement), `unregistered active ${agreement.agreementId}`);
    await world.act(`agreements/${agreement.agreementId}/events`, { kind: "unknown" });
    await world.act(`agreements/${agreement.agreementId}/events`, { kind: "vet-failed" });
    await world.act(`agreements/${agreement.agreementId}/cancel`, {});
    await world.pass(180);
    await reaches(idOf(agreement), `unregistered cancelling ${agreement.agreementId}`);
  });
});

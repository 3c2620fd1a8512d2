import {
  analyticsCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "@tollhouse/core/memory/example";
import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { describe, expect, test } from "vitest";
import { exampleSource, shownAt } from "../example-source.ts";
import { listSubscriptions } from "./list.ts";
import { showSubscriptions } from "./show.ts";

const topic = `${mailerCode}/${customerIdentifier}`;
const customerId = customerIdOf({ buyerAccountId });
const facts: readonly Fact[] = [
  example.agreementCreated("made", "2026-08-20T08:00:00Z"),
  example.licenseUpdated("given", "2026-08-20T09:00:00Z"),
  example.registered("visit", "2026-08-20T10:00:00Z"),
  example.agreementEnded("over", "2026-08-21T11:30:00Z"),
  example.licenseDeprovisioned("gone", "2026-08-21T11:31:00Z"),
  example.subscribeSucceeded("subscribed", "2026-08-20T09:00:00Z"),
];
const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    example.subscribeSucceeded(`f-${index}`, "2026-08-20T09:00:00Z", {
      customerIdentifier: `X${String(index).padStart(4, "0")}`,
    }),
  );

describe("subscriptions list", () => {
  test.each([
    [{}, [licenseId, topic]],
    [{ product: analyticsCode }, [licenseId]],
    [{ state: "active" as const }, [topic]],
    [{ unregistered: true }, [topic]],
    [{ state: "active" as const, product: analyticsCode }, []],
  ])("by %j has what is like that and nothing else", async (filter, ids) => {
    const { data } = await listSubscriptions(await exampleSource({ facts }), { limit: 10, ...filter });
    expect(data.subscriptions.map(({ id }) => id)).toEqual(ids);
  });

  test("is bounded, and says how many are left out", async () => {
    const source = await exampleSource({ facts: many(250) });
    const answer = await listSubscriptions(source, { limit: 3 });
    expect(answer.data).toMatchObject({ more: 247, moreIsAtLeast: false });
    expect(answer.data.subscriptions).toHaveLength(3);
    expect(shownAt(80, answer)).toContain("and 247 more: --limit 6");
    expect(shownAt(80, await listSubscriptions(source, { limit: 250 }))).not.toContain("more");
  });

  test.each([80, 140])("fits %i columns with the ids whole", async (width) => {
    const text = shownAt(width, await listSubscriptions(await exampleSource({ facts }), { limit: 10 }));
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toContain(topic);
    expect(text).toMatch(/cancelling +30 min ago/);
  });
});

describe("subscriptions show", () => {
  const show = async (name: string, given = facts) =>
    showSubscriptions(await exampleSource({ facts: given }), name);

  test("tells every fact with what it changed, those of the agreement among them", async () => {
    const { data } = await show(licenseId);
    const [shown] = data.subscriptions;
    expect(
      shown?.timeline?.map(({ fact, filedUnder, unchanged }) => [fact.id, filedUnder, unchanged]),
    ).toEqual([
      ["made", "agreement:agmt-1", undefined],
      ["given", `subscription:${licenseId}`, undefined],
      ["visit", `subscription:${licenseId}`, undefined],
      ["over", "agreement:agmt-1", undefined],
      ["gone", `subscription:${licenseId}`, "nothing-new"],
    ]);
    expect(shown?.timeline?.[3]?.changed).toEqual({
      grant: {
        state: "cancelling",
        since: at("2026-08-20T09:00:00Z"),
        cutAt: at("2026-08-21T11:30:00Z"),
        deadlineAt: at("2026-08-21T12:30:00Z"),
      },
    });
  });

  test("says in words since when, cut when, and until when usage may be reported", async () => {
    const text = shownAt(200, await show(licenseId));
    expect(text).toContain("→ active since 2026-08-20 09:00:00Z");
    expect(text).toContain(
      "cut at 2026-08-21 11:30:00Z; usage before that may be reported until 2026-08-21 12:30:00Z",
    );
    expect(text).toContain("no change: it said nothing new");
    expect(text).toContain("filed under agreement:agmt-1 · fact over");
  });

  test("fits 80 columns but for words that are longer", async () => {
    const text = shownAt(80, await show(licenseId));
    for (const line of text.split("\n").filter((each) => each.trim().includes(" ")))
      expect(line.length, line).toBeLessThanOrEqual(80 + (line.includes(licenseArn) ? 20 : 0));
  });

  test.each([licenseId, licenseArn, licenseArn.replace("::", ":us-east-1:"), ` ${licenseId}`])(
    "takes %j for the license",
    async (name) => {
      expect((await show(name)).data.subscriptions.map(({ subscription }) => subscription.id)).toEqual([
        licenseId,
      ]);
    },
  );

  test("takes a customer's id for all of the customer's", async () => {
    const registered = example.registered("visit-2", "2026-08-20T11:00:00Z", {
      productCode: mailerCode,
      customerIdentifier,
      licenseArn: undefined,
    });
    const { data } = await show(customerId, [...facts, registered]);
    expect(data.subscriptions.map(({ subscription }) => subscription.id)).toEqual([licenseId, topic]);
  });

  test.each(["l-ffffffffffffffffffffffffffffffff", "cus-0", "nothing"])(
    "refuses %s, which is not there",
    async (name) => {
      await expect(show(name)).rejects.toMatchObject({ code: "not-found" });
    },
  );

  test("shows the state of a product that is no longer configured, and where its facts are", async () => {
    const source = await exampleSource({ facts });
    const configuration = {
      ...exampleConfiguration,
      products: exampleConfiguration.products.filter(({ code }) => code !== analyticsCode),
    };
    const answer = await showSubscriptions({ ...source, configuration }, licenseId);
    expect(answer.data.subscriptions[0]).not.toHaveProperty("timeline");
    expect(shownAt(80, answer)).toContain(`tollhouse facts show subscription:${licenseId}`);
  });

  test("warns when what is stored is not what the facts say", async () => {
    const source = await exampleSource({ facts });
    const stored = await source.store.currentSubscription(licenseId as string as SubscriptionId);
    if (stored === undefined) throw new Error("not stored");
    const store = {
      ...source.store,
      currentSubscription: () => Promise.resolve({ ...stored, freeTrial: true }),
    };
    const answer = await showSubscriptions({ ...source, store }, licenseId);
    expect(answer.data.subscriptions[0]?.storedDiffers).toBe(true);
    expect((await show(licenseId)).data.subscriptions[0]?.storedDiffers).toBe(false);
    expect(shownAt(200, answer)).toContain("What is stored differs");
  });
});

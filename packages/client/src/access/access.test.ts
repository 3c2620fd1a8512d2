import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { licenseId, no, usable, world, yes } from "./access-world.ts";

describe("an answer", () => {
  test("says what may be used, and how old that is", async () => {
    const { client, later } = await world();
    expect(await client.access(licenseId, { product: "c0456" })).toMatchObject({
      ...{ allowed: true, ...usable(["search"]), ageSeconds: 0, stale: false },
      entitlements: [{ dimension: "seats", value: 5, subscriptionId: licenseId }],
      products: [{ subscriptions: [{ version: 3 }] }],
    });
    later(42.9);
    expect(await client.access(licenseId, { product: "c0456" })).toMatchObject({
      ageSeconds: 42,
      stale: false,
    });
  });

  test("is kept for a minute when it is a yes, and for five seconds when it is a no", async () => {
    const { client, asked, answer, later } = await world();
    await client.access(licenseId);
    later(59.9);
    await client.access(licenseId);
    expect(asked.length).toBe(1);
    later(0.1);
    await client.access(licenseId);
    expect(asked.length).toBe(2);
    answer((subject) => no(subject));
    expect(await client.access("nobody")).toMatchObject({ allowed: false, reason: "unknown-subject" });
    later(4.9);
    await client.access("nobody");
    expect(asked.length).toBe(3);
    later(0.1);
    answer((subject) => yes(subject));
    expect(await client.access("nobody")).toMatchObject({ allowed: true });
  });

  test("is another one for another product", async () => {
    const { client, answer } = await world();
    answer((subject, product) => (product === "c0456" ? yes(subject) : no(subject, "not-subscribed")));
    expect((await client.access("cus-1", { product: "c0456" })).allowed).toBe(true);
    expect((await client.access("cus-1", { product: "other" })).allowed).toBe(false);
  });

  test("is never used beyond the instant that it names, whatever the two clocks show, nor when the service is away", async () => {
    const { client, asked, answer, away, later } = await world();
    later(-3_600);
    answer((subject) => yes(subject, ["search"], "2026-08-20T15:00:30.000Z"));
    await client.access(licenseId);
    later(29);
    expect(await client.access(licenseId)).toMatchObject({ allowed: true });
    expect(asked.length).toBe(1);
    away();
    later(1);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown" });
  });

  test("says nothing of what may be used when it is a no", async () => {
    const { client, answer } = await world();
    answer((subject) => ({ ...yes(subject), allowed: false, reason: "grant-ended" }));
    expect(await client.access(licenseId)).toMatchObject({
      ...{ allowed: false, plans: [], features: [], metered: [], entitlements: [] },
      products: [{ plans: ["Team"] }],
    });
  });

  test("is as old as the question, however long it takes to come", async () => {
    const { client, asked, hold, letGo, arrived, later } = await world();
    hold();
    const answer = client.access(licenseId);
    await arrived(1);
    later(40);
    letGo();
    expect(await answer).toMatchObject({ ageSeconds: 40 });
    later(19);
    expect(await client.access(licenseId)).toMatchObject({ ageSeconds: 59 });
    later(1);
    await client.access(licenseId);
    expect(asked.length).toBe(2);
  });

  test("of a cache on the way is not asked for, and is as old as that says", async () => {
    const { client, asked, wishes, cachedFor, answer, later } = await world();
    cachedFor(40);
    answer((subject) => yes(subject, ["search"], "2026-08-20T15:00:50.000Z"));
    expect(await client.access(licenseId)).toMatchObject({ ageSeconds: 40 });
    expect(wishes).toEqual(["no-cache"]);
    later(9);
    expect(await client.access(licenseId)).toMatchObject({ ageSeconds: 49 });
    expect(asked.length).toBe(1);
    later(1);
    await client.access(licenseId);
    expect(asked.length).toBe(2);
  });

  test("that comes when it is over is none", async () => {
    const { client, cachedFor, answer } = await world();
    cachedFor(50);
    answer((subject) => yes(subject, ["search"], "2026-08-20T15:00:50.000Z"));
    expect(await client.access(licenseId)).toMatchObject({
      ...{ allowed: false, reason: "unknown", features: [], stale: false },
      error: "the service's answer came when it was over",
    });
  });

  test("with a reason that this version does not know is a no all the same", async () => {
    const { client, answer } = await world();
    answer((subject) => no(subject, "something-new"));
    expect(await client.access(licenseId)).toMatchObject({ reason: "other", explanation: "in words" });
  });

  test.each([
    ["about somebody else", yes("l-99999999999999999999")],
    ["that cannot be read", { allowed: true }],
  ])("%s is none", async (_, wrong) => {
    const { client, answer } = await world();
    answer(() => wrong);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown", stale: false });
  });
});

describe("many who ask at once", () => {
  test("are one question", async () => {
    const { client, asked, hold, letGo, arrived } = await world();
    hold();
    const answers = Array.from({ length: 50 }, () => client.access(licenseId));
    await arrived(1);
    letGo();
    expect((await Promise.all(answers)).every(({ allowed }) => allowed)).toBe(true);
    expect(asked.length).toBe(1);
  });

  test("about many are answered within bounds: those asked longest ago are forgotten", async () => {
    const { client, asked } = await world({ maxEntries: 2 });
    for (const subject of ["a", "b", "c", "c", "b"]) await client.access(subject);
    expect(asked).toEqual(["a", "b", "c"]);
    await client.access("a");
    expect(asked).toEqual(["a", "b", "c", "a"]);
  });

  test("and one that was asked about again is not among those", async () => {
    const { client, asked, later } = await world({ maxEntries: 2 });
    for (const subject of ["a", "b"]) await client.access(subject);
    later(61);
    for (const subject of ["a", "c", "a"]) await client.access(subject);
    expect(asked).toEqual(["a", "b", "a", "c"]);
  });
});

describe("what is forgotten", () => {
  test.each([
    licenseId,
    `${licenseId}/entitlements`,
    "cus-1",
    "acme",
    `arn:aws:license-manager::1:license:${licenseId}`,
  ])("by the name %s is asked anew, by whatever name it was asked", async (name) => {
    const { client, asked, away } = await world();
    await client.access("acme");
    await client.access("acme");
    expect(asked.length).toBe(1);
    client.forget(name);
    away();
    expect(await client.access("acme")).toMatchObject({ allowed: false, reason: "unknown" });
  });

  test("costs nobody else what is known of them", async () => {
    const { client, asked } = await world();
    await client.access("acme");
    client.forget("l-99999999999999999999");
    await client.access("acme");
    expect(asked.length).toBe(1);
  });

  test("does not come back with an answer that was asked for before, and nobody waits for that one", async () => {
    const { client, asked, hold, letGo, arrived, away } = await world({ timeoutMs: 100_000 });
    hold();
    const before = client.access("acme");
    await arrived(1);
    client.forget(licenseId);
    const after = client.access("acme");
    await arrived(2);
    client.forget(licenseId);
    letGo();
    await Promise.all([before, after]);
    away();
    expect(await client.access("acme")).toMatchObject({ allowed: false, reason: "unknown" });
    expect(asked.length).toBe(4);
  });
});

type Step = { readonly seconds: number } | "ask" | "gives" | "takes away" | "is away" | "forget";
const steps = fc.array(
  fc.oneof(
    fc.record({ seconds: fc.integer({ min: 1, max: 90 }) }),
    fc.constantFrom<Step>("ask", "ask", "gives", "takes away", "is away", "forget"),
  ),
  { maxLength: 40 },
);

test("no answer is more generous than the last one that the service gave, nor older than it says", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const { client, later, answer, away } = await world({ maxAgeSeconds: 30, staleForSeconds: 60 });
      let second = 0;
      let truth:
        | { readonly allowed: boolean; readonly features: readonly string[]; readonly second: number }
        | undefined;
      let generation = 0;
      const tell = (features: readonly string[] | undefined) => {
        answer((subject) => {
          truth = { allowed: features !== undefined, features: features ?? [], second };
          return features === undefined ? no(subject) : yes(subject, features);
        });
      };
      tell(["first"]);
      for (const step of story) {
        if (typeof step === "object") {
          second += step.seconds;
          later(step.seconds);
        } else if (step === "gives") tell([`feature-${(generation += 1)}`]);
        else if (step === "takes away") tell(undefined);
        else if (step === "is away") away();
        else if (step === "forget") {
          client.forget("acme");
          truth = undefined;
        } else {
          const { allowed, features, ageSeconds, stale } = await client.access("acme");
          if (!allowed) continue;
          expect(features).toEqual(truth?.features);
          expect(truth?.allowed).toBe(true);
          expect(ageSeconds).toBe(second - (truth?.second ?? 0));
          expect(ageSeconds).toBeLessThan(stale ? 60 : 30);
        }
      }
    }),
    { numRuns: 60 },
  );
});

import { describe, expect, test } from "vitest";
import { licenseId, type Reply, world, yes } from "./access-world.ts";

describe("while the service is away", () => {
  test.each<[string, Reply]>([
    ["503", 503],
    ["403", 403],
    ["no connection", "reset"],
    ["no answer", "hang"],
  ])("(%s) the last known truth holds for a day, and is told as old, with the reason", async (_, how) => {
    const { client, answer, later } = await world(how === "hang" ? { timeoutMs: 1_000 } : {});
    await client.access(licenseId);
    answer(() => how);
    later(86_399);
    expect(await client.access(licenseId)).toMatchObject({
      ...{ allowed: true, features: ["search"], ageSeconds: 86_399, stale: true },
      error: expect.stringMatching(/answer/) as string,
    });
    later(3);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown", features: [] });
  });

  test("it is tried twice, and then left alone for two seconds", async () => {
    const { client, asked, answer, away, later } = await world();
    await client.access(licenseId);
    away();
    later(61);
    for (let times = 0; times < 5; times += 1) await client.access(licenseId);
    expect(asked.length).toBe(3);
    later(2);
    answer((subject) => yes(subject, ["search", "more"]));
    expect(await client.access(licenseId)).toMatchObject({ stale: false, features: ["search", "more"] });
  });

  test("or takes no more questions, it is not asked at once again", async () => {
    const { client, asked, answer } = await world();
    answer(() => 429);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown" });
    expect(asked.length).toBe(1);
  });

  test("who was never asked about may use nothing", async () => {
    const { client, away } = await world();
    away();
    expect(await client.access(licenseId)).toEqual({
      ...{ allowed: false, reason: "unknown", explanation: "nothing is known: the service gave no answer" },
      ...{
        plans: [],
        features: [],
        metered: [],
        entitlements: [],
        products: [],
        ageSeconds: 0,
        stale: false,
      },
      error: "the service answered 503: in words",
    });
  });

  test("and a question that is wrong is not answered with what was known before, neither then nor later", async () => {
    const { client, answer, away, later } = await world();
    await client.access(licenseId, { product: "c0456" });
    answer(() => 400);
    later(61);
    const unknown = { allowed: false, reason: "unknown", stale: false };
    expect(await client.access(licenseId, { product: "c0456" })).toMatchObject(unknown);
    away();
    later(3);
    expect(await client.access(licenseId, { product: "c0456" })).toMatchObject(unknown);
  });

  test("a wrong question that was asked before something was forgotten deletes nothing that came after", async () => {
    const { client, answer, away, hold, letGo, letGoLast, arrived, later } = await world();
    answer(() => 400);
    hold();
    const wrong = client.access("acme");
    await arrived(1);
    client.forget("acme");
    answer((subject) => yes(subject));
    const right = client.access("acme");
    await arrived(2);
    letGoLast();
    expect((await right).allowed).toBe(true);
    letGo();
    await wrong;
    away();
    later(61);
    expect(await client.access("acme")).toMatchObject({ allowed: true, stale: true });
  });

  test("what a clock showed that was set back is not old again when it shows it once more", async () => {
    const { client, away, later } = await world();
    await client.access(licenseId);
    away();
    later(-10);
    await client.access(licenseId);
    later(20);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown" });
  });

  test("a clock that was set back makes nothing young", async () => {
    const { client, asked, away, later } = await world();
    await client.access(licenseId);
    later(-10);
    await client.access(licenseId);
    expect(asked.length).toBe(2);
    away();
    later(-10);
    expect(await client.access(licenseId)).toMatchObject({ allowed: false, reason: "unknown" });
  });
});

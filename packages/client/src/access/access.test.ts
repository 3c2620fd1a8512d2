import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type AccessOptions, createAccess } from "./access.ts";

const startMs = Date.parse("2026-08-20T15:00:00Z");
const licenseId = "l-0123456789abcdef0123456789abcdef";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const usable = (features: readonly string[], holdsUntil?: string) => ({
  ...{ plans: ["Team"], features, metered: ["events_ingested"] },
  ...(holdsUntil !== undefined && { holdsUntil }),
});

const yes = (subject: string, features: readonly string[] = ["search"], holdsUntil?: string) => ({
  ...{ subject, allowed: true, asOf: "2026-08-20T15:00:00.000Z" },
  products: [
    {
      ...{ productCode: "c0456", title: "Example Analytics", allowed: true, ...usable(features, holdsUntil) },
      subscriptions: [
        {
          ...{
            subscriptionId: licenseId,
            customerId: "cus-1",
            allowed: true,
            ...usable(features, holdsUntil),
          },
          ...{ registered: true, freeTrial: false, version: 3 },
          grant: { state: "active", since: "2026-08-20T10:00:00.000Z" },
          entitlements: [{ dimension: "seats", value: 5, expired: false }],
        },
      ],
    },
  ],
});
const no = (subject: string, reason = "unknown-subject") => ({
  ...{
    subject,
    allowed: false,
    reason,
    explanation: "in words",
    asOf: "2026-08-20T15:00:00.000Z",
    products: [],
  },
});

type Reply = object | number | "reset" | "hang";

/** A real HTTP server as the door, which answers whatever it is told to, and a clock that is set. */
async function world(given: Partial<AccessOptions> = {}) {
  let nowMs = startMs;
  let reply: (subject: string, product: string | null) => Reply = (subject) => yes(subject);
  const asked: string[] = [];
  let held: (() => void)[] | undefined;
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://door");
    const subject = searchParams.get("subject") ?? "";
    asked.push(subject);
    const answer = reply(subject, searchParams.get("product"));
    const finish = () => {
      if (answer === "hang") return;
      if (answer === "reset") request.socket.destroy();
      else if (typeof answer === "number")
        response.writeHead(answer).end(JSON.stringify({ reason: "in words" }));
      else response.end(JSON.stringify(answer));
    };
    if (held === undefined) finish();
    else held.push(finish);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const client = createAccess({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/access`,
    now: () => nowMs,
    ...given,
  });
  return {
    client,
    asked,
    answer: (how: typeof reply) => {
      reply = how;
    },
    away: () => {
      reply = () => 503;
    },
    later: (seconds: number) => {
      nowMs += seconds * 1_000;
    },
    /** Answers wait until they are let go. */
    hold: () => {
      held = [];
    },
    letGo: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const finish of waiting) finish();
    },
    arrived: async (count: number) => {
      while (asked.length < count) await new Promise(setImmediate);
    },
  };
}

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
});

describe("while the service is away", () => {
  test.each<[string, Reply]>([
    ["503", 503],
    ["403", 403],
    ["no connection", "reset"],
    ["no answer", "hang"],
  ])("(%s) the last known truth holds for a day, and is told as old, with the reason", async (_, how) => {
    const { client, answer, later } = await world({ timeoutMs: 40 });
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

  test("and a question that is wrong is not answered with what was known before", async () => {
    const { client, answer, later } = await world();
    await client.access(licenseId, { product: "c0456" });
    answer(() => 400);
    later(61);
    expect(await client.access(licenseId, { product: "c0456" })).toMatchObject({
      allowed: false,
      reason: "unknown",
    });
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
      for (const end of ends.splice(0)) await end();
    }),
    { numRuns: 60 },
  );
});

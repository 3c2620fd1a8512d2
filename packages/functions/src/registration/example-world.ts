import { makeLogger } from "@tollhouse/aws/logging/logger";
import type { Measured } from "@tollhouse/aws/metric/measure";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type { TokenResolver } from "@tollhouse/core/lifecycle/register";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { fixedClock } from "@tollhouse/core/time/clock";
import { exportJWK, generateKeyPair } from "jose";
import { vi } from "vitest";
import { type PrivateKey, readSigningKeys } from "./signing-keys.ts";
import { registrationSite } from "./site.ts";
import { makeTokens } from "./token.ts";

type Answer = Awaited<ReturnType<TokenResolver["resolve"]>> | Error;

export const origin = "https://registration.example.com";

export async function drawKey(): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const [key] = readSigningKeys(JSON.stringify({ keys: [await exportJWK(privateKey)] }));
  if (key === undefined) throw new Error("no key was drawn");
  return key;
}

/** The page over stores in memory, for tests; AWS answers what it is told to. */
export async function exampleWorld(answer: Answer, page: Partial<Configuration["registrationPage"]> = {}) {
  const { store, outbox } = memoryLifecycle();
  const measured: Measured[] = [];
  const logged: unknown[] = [];
  const resolved: string[] = [];
  const logger = makeLogger();
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(logger, level).mockImplementation(
      (...said: unknown[]) => void logged.push(said.map(String), said),
    );
  const clock = fixedClock(at("2026-08-20T14:23:11Z"));
  const waker = { wake: () => Promise.resolve() };
  let drawn = 0;
  const keys = [await drawKey()];
  const ports = {
    ...{ store, clock, waker },
    resolver: {
      resolve(token: string) {
        resolved.push(token);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    measure: (each: Measured) => void measured.push(each),
    tokens: await makeTokens(keys, origin),
    drawCode: () => `code-that-nobody-guesses-${(drawn += 1)}`,
    registrationUrl: `${origin}/register`,
  };
  const registrationPage = {
    ...exampleConfiguration.registrationPage,
    ...{ loginUrl: "https://app.example.com/login", mail: { from: "no-reply@example.com" } },
    ...page,
  };
  const configuration = { ...exampleConfiguration, registrationPage };
  const site = registrationSite(ports, configuration, logger);
  const get = (path: string) => site.request(`${origin}${path}`);
  /** As a browser posts a form: AWS's pages from elsewhere, ours from here. */
  const post = (
    path: string,
    fields: Record<string, string>,
    from = path === "/register" ? "null" : origin,
  ) =>
    site.request(`${origin}${path}`, {
      method: "POST",
      headers: { origin: from },
      body: new URLSearchParams(fields),
    });
  return {
    ...{ site, store, outbox, measured, logged, resolved, get, post, tokens: ports.tokens, keys },
    enter: (fields: Record<string, string> = {}) =>
      post("/register", { "x-amzn-marketplace-token": "aws-token", ...fields }),
    resolve: (next: Answer) => (answer = next),
    tell: (fact: Fact) => recordFact({ store, clock, waker }, configuration, fact),
  };
}

/** The value of a hidden field, or what is typed into another one. */
export const fieldIn = (html: string, name: string): string | undefined =>
  new RegExp(`name="${name}"[^>]*?value="([^"]*)"`).exec(html)?.[1];

export const titleIn = (html: string): string | undefined => /<h1>(.*?)<\/h1>/.exec(html)?.[1];

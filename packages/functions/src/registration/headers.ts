import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Variables } from "./door.ts";
import { hashOf, type ScriptName, scripts } from "./page/script.ts";

/**
 * What browsers may do with our pages: no frames, no scripts but ours, no pictures but the seller's logo, no forms but to us. Where the
 * buyer is handed over, the form goes to the seller's page, and browsers hold its redirects to the same list: it may lead on to any
 * other page that is served over TLS.
 */
export function pageHeaders(page: RegistrationPage): MiddlewareHandler<{ Variables: Variables }> {
  const { continueUrl, loginUrl = continueUrl, brand } = page;
  const headers = (formAction: string[]) =>
    secureHeaders({
      // With none, browsers would send no origin along with our own forms, and we could not tell them from others'.
      referrerPolicy: "same-origin",
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        scriptSrc: (Object.keys(scripts) as ScriptName[]).map(hashOf),
        connectSrc: ["'self'"],
        imgSrc: brand.logoUrl === undefined ? ["'none'"] : [new URL(brand.logoUrl).origin],
        baseUri: ["'none'"],
        formAction,
        frameAncestors: ["'none'"],
      },
    });
  const usual = headers(["'self'"]);
  const handingOver = headers(["'self'", "https:", ...new Set([originOf(continueUrl), originOf(loginUrl)])]);
  const done = () => Promise.resolve();
  return async (context, next) => {
    await next();
    await (context.get("handsOver") === true ? handingOver : usual)(context, done);
  };
}

export const originOf = (url: string): string => new URL(url).origin;

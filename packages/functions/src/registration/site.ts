import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import { register, type Registration, type TokenResolver } from "@tollhouse/core/lifecycle/register";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { page, type PageText } from "./page.ts";

/** A form with a token and AWS's few hints; real ones have about a kilobyte. */
const maxFormBytes = 16_384;
const maxTokenLength = 8_192;
const tokenField = "x-amzn-marketplace-token";

/** The page to which AWS Marketplace sends a buyer's browser, with a registration token in a posted form. */
export function registrationSite(
  ports: RecordPorts & { readonly resolver: TokenResolver },
  configuration: Configuration,
  logger: Logger,
): Hono {
  const site = new Hono();
  const show = (context: Context, status: 200 | 400 | 404 | 413 | 503, text: PageText) =>
    context.html(page(configuration.registrationPage, text), status);
  site.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  site.get("/register", (context) => show(context, 200, texts.visited));
  site.post(
    "/register",
    bodyLimit({ maxSize: maxFormBytes, onError: (context) => show(context, 413, texts.tooLarge) }),
    async (context) => {
      const token = await tokenOf(context);
      if (token === undefined) return show(context, 400, texts.noToken);
      const registration = await register(ports, configuration, token);
      logger.info("Buyer came to register", {
        outcome: registration.kind,
        ...("reason" in registration && { reason: registration.reason }),
      });
      return show(context, ...answerTo(registration));
    },
  );
  site.notFound((context) => show(context, 404, texts.notFound));
  site.onError((error, context) => {
    logger.error("Registration failed; the buyer was asked to try again", error);
    return show(context, 503, texts.unavailable);
  });
  return site;
}

/** Nothing else the browser posted is looked at. */
async function tokenOf(context: Context): Promise<string | undefined> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return undefined;
  const token = new URLSearchParams(await context.req.text()).get(tokenField)?.trim();
  return token === undefined || token === "" || token.length > maxTokenLength ? undefined : token;
}

function answerTo(registration: Registration): [200 | 400 | 503, PageText] {
  switch (registration.kind) {
    case "registered":
      return [200, texts.registered];
    case "license-awaited":
      return [503, texts.licenseAwaited];
    case "refused":
      return [400, texts[registration.reason]];
    default:
      return registration satisfies never;
  }
}

const how = "In the AWS console, open AWS Marketplace, Manage subscriptions, choose the product and click";
const again = `${how} “Set up your account” again.`;

const texts = {
  registered: {
    title: "You are registered",
    body: "Your AWS Marketplace subscription is connected. It becomes active as soon as AWS confirms it.",
    proceed: true,
  },
  visited: {
    title: "Welcome",
    body: `This page finishes a subscription made on AWS Marketplace. ${how} “Set up your account”.`,
  },
  licenseAwaited: {
    title: "AWS is still preparing your license",
    body: `This takes about a minute. ${again}`,
  },
  expired: { title: "This link has expired", body: again },
  invalid: { title: "AWS does not know this link", body: again },
  "unknown-product": {
    title: "This product is not set up here",
    body: "Please write to our support; your subscription is safe with AWS.",
  },
  noToken: {
    title: "Something is missing",
    body: `AWS Marketplace sends a token along with you, and it did not arrive. ${again}`,
  },
  tooLarge: {
    title: "That was too much",
    body: `The request was larger than any AWS Marketplace sends. ${again}`,
  },
  notFound: { title: "There is nothing here", body: "The address of this page ends in /register." },
  unavailable: {
    title: "We could not reach AWS just now",
    body: `Nothing is lost. Please try again in a minute. ${again}`,
  },
} satisfies Record<string, PageText>;

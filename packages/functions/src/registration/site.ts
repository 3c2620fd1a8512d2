import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import { parseReference, type Reference } from "@tollhouse/core/lifecycle/reference";
import { register, type Registration, type TokenResolver } from "@tollhouse/core/lifecycle/register";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { type Again, askAgainHash, page, type PageText } from "./page.ts";

/** A form with a token and AWS's few hints; real ones have about a kilobyte. */
const maxFormBytes = 16_384;
const maxTokenLength = 8_192;
const tokenField = "x-amzn-marketplace-token";
/** How often the page has asked by itself; two minutes' worth is more than AWS was ever seen to need. */
const attemptField = "attempt";
const maxAttempts = 24;
/** The seller's own name for the buyer, when a page of the seller's stands before ours. */
const referenceField = "reference";

/** The page to which AWS Marketplace sends a buyer's browser, with a registration token in a posted form. */
export function registrationSite(
  ports: RecordPorts & { readonly resolver: TokenResolver; readonly measure: Measure },
  configuration: Configuration,
  logger: Logger,
): Hono {
  const site = new Hono();
  const show = (context: Context, status: Status, text: PageText) =>
    context.html(page(configuration.registrationPage, text), status);
  site.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        scriptSrc: [askAgainHash],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  // A page that may hold a token belongs in no cache.
  site.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  site.get("/register", (context) => show(context, 200, texts.visited));
  site.post(
    "/register",
    bodyLimit({ maxSize: maxFormBytes, onError: (context) => show(context, 413, texts.tooLarge) }),
    async (context) => {
      const visit = await visitOf(context);
      if (visit === undefined) return show(context, 400, texts.noToken);
      const { token, reference } = visit;
      if (typeof reference === "object") {
        logger.warn("Reference refused; the buyer may go on without it", { reason: reference.refused });
        return show(context, 400, {
          ...texts.badReference(reference.refused),
          again: withoutReference(token),
        });
      }
      const registration = await register(ports, configuration, token, reference);
      logger.info("Buyer came to register", {
        outcome: registration.kind,
        ...("reason" in registration && { reason: registration.reason }),
      });
      ports.measure({ BuyersRegistered: registration.kind === "registered" ? 1 : 0 });
      return show(context, ...answerTo(registration, { ...visit, reference }));
    },
  );
  site.notFound((context) => show(context, 404, texts.notFound));
  site.onError((error, context) => {
    logger.error("Registration failed; the buyer was asked to try again", error);
    return show(context, 503, texts.unavailable);
  });
  return site;
}

interface Visit {
  readonly token: string;
  readonly attempt: number;
  readonly reference: Reference | undefined;
}
/** What came with the form; the reference may be none. */
type Posted = Omit<Visit, "reference"> & {
  readonly reference: Visit["reference"] | { readonly refused: string };
};

type Status = 200 | 400 | 404 | 413 | 503;

/** Nothing else the browser posted is looked at. */
async function visitOf(context: Context): Promise<Posted | undefined> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return undefined;
  const form = new URLSearchParams(await context.req.text());
  const token = form.get(tokenField)?.trim();
  if (token === undefined || token === "" || token.length > maxTokenLength) return undefined;
  const attempt = /^\d{1,3}$/.exec(form.get(attemptField) ?? "")?.[0];
  const reference = form.get(referenceField)?.trim() ?? "";
  return {
    token,
    attempt: Number(attempt ?? 0),
    reference: reference === "" ? undefined : parseReference(reference),
  };
}

function answerTo(registration: Registration, visit: Visit): [Status, PageText] {
  switch (registration.kind) {
    case "registered":
      return [200, texts.registered];
    case "license-awaited": {
      const text = registration.stored ? texts.licenseAwaited : texts.buyerAwaited;
      return [registration.stored ? 200 : 503, { ...text, again: againAfter(visit) }];
    }
    case "refused":
      return [400, texts[registration.reason]];
    default:
      return registration satisfies never;
  }
}

const againAfter = ({ token, attempt, reference }: Visit): Again => ({
  fields: {
    [tokenField]: token,
    [attemptField]: String(attempt + 1),
    ...(reference !== undefined && { [referenceField]: reference }),
  },
  byItself: attempt < maxAttempts,
  button: "Check again",
});

/** Nothing was resolved or stored yet; the token is as good as before. */
const withoutReference = (token: string): Again => ({
  fields: { [tokenField]: token },
  byItself: false,
  button: "Go on without it",
});

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
    title: "You are registered",
    body: "AWS is still preparing your license, which takes about a minute. You can go on already; your subscription is connected as soon as the license is there.",
    proceed: true,
  },
  buyerAwaited: {
    title: "AWS is still preparing your subscription",
    body: `This takes about a minute. If it takes longer: ${how.charAt(0).toLowerCase()}${how.slice(1)} “Set up your account” again.`,
  },
  expired: { title: "This link has expired", body: again },
  invalid: { title: "AWS does not know this link", body: again },
  "unknown-product": {
    title: "This product is not set up here",
    body: "Please write to our support; your subscription is safe with AWS.",
  },
  badReference: (why: string) => ({
    title: "The reference cannot be used",
    body: `The page that sent you here named you by a reference that we cannot take: ${why}. Nothing is lost: you can register without it, and tell our support the reference you were given.`,
  }),
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
} satisfies Record<string, PageText | ((why: string) => PageText)>;

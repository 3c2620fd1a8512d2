import type { Logger } from "@tollhouse/aws/logging/logger";
import { type AccessPorts, askAccess } from "@tollhouse/core/access/ask";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as z from "zod";
import { freshSeconds, showAnswer } from "./answer.ts";

/** As long as in a usage event; the longest names of AWS are shorter. */
const name = z.string().min(1, "is empty").max(256, "is longer than 256 characters");
const questionSchema = z.object({ subject: name, product: name.optional() });

/** After this many seconds a table that was out of reach may be asked again. */
const retryAfterSeconds = "2";

/**
 * Where the seller's services ask whether a customer may use a product. Who they are is settled before: API Gateway lets in signed
 * requests only.
 */
export function accessSite(ports: AccessPorts, configuration: Configuration, logger: Logger): Hono {
  const site = new Hono();
  const refuse = (context: Context, status: 400 | 404 | 503, code: string, reason: string) => {
    context.header("cache-control", "no-store");
    return context.json({ code, reason }, status);
  };
  site.get("/access", async (context) => {
    const read = readQuestion(new URL(context.req.url).searchParams);
    if ("unclear" in read) return refuse(context, 400, "question-unclear", read.unclear);
    const { product } = read;
    if (product !== undefined && findProduct(configuration, product) === undefined)
      return refuse(context, 400, "product-unknown", `no product of tollhouse.config.ts has this code`);
    const answer = await askAccess(ports, configuration, read);
    logger.info(
      "Access asked",
      answer.allowed ? { allowed: true } : { allowed: false, reason: answer.reason },
    );
    context.header("cache-control", `private, max-age=${freshSeconds(answer)}`);
    return context.json(showAnswer(answer));
  });
  site.notFound((context) =>
    refuse(context, 404, "not-found", "access is asked with GET /access?subject=…&product=…"),
  );
  site.onError((error, context) => {
    logger.error("Who may use what could not be told", error);
    context.header("retry-after", retryAfterSeconds);
    return refuse(context, 503, "failed", "it cannot be told now: ask again, or keep to the last answer");
  });
  return site;
}

function readQuestion(
  given: URLSearchParams,
): z.output<typeof questionSchema> | { readonly unclear: string } {
  const twice = [...new Set(given.keys())].find((key) => given.getAll(key).length > 1);
  if (twice !== undefined) return { unclear: `a question names each thing once` };
  const parsed = questionSchema.safeParse({
    subject: given.get("subject") ?? "",
    product: given.get("product") ?? undefined,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { unclear: `${String(issue?.path[0] ?? "the question")} ${issue?.message ?? "cannot be read"}` };
}

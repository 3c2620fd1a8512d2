import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Clock } from "@tollhouse/core/time/clock";
import { type Receipt, receiveUsage, type UsageQueue } from "@tollhouse/core/usage/receive-usage";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { bodyLimit } from "hono/body-limit";
import { maxBodyBytes, readBody } from "./read-body.ts";

/** After this many seconds a queue that was out of order may be tried again. */
const retryAfterSeconds = "5";

/**
 * Where the seller's services report usage over HTTP. Who they are is settled before: API Gateway lets in signed requests only.
 * What is answered as accepted is in the usage queue.
 */
export function usageSite(
  ports: { readonly queue: UsageQueue; readonly clock: Clock },
  { settings }: Configuration,
  logger: Logger,
): Hono {
  const site = new Hono();
  const refuse = (context: Context, status: 400 | 404 | 413 | 415 | 503, code: string, reason: string) =>
    context.json({ code, reason }, status);
  site.post(
    "/usage",
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) =>
        refuse(context, 413, "too-large", `the body is larger than ${maxBodyBytes} bytes: send it in parts`),
    }),
    async (context) => {
      const header = (name: string) => context.req.header(name) ?? "";
      const body = await context.req.arrayBuffer();
      const read = readBody(header("content-type"), header("content-encoding"), body);
      if ("status" in read) return refuse(context, read.status, read.code, read.reason);
      const answer = answerOf(await receiveUsage(ports, settings, read));
      const { accepted, refused, failed } = answer;
      if (failed > 0)
        logger.warn("Usage could not be stored; its sender was told to send it again", { failed });
      logger.info("Usage received", { accepted, refused });
      if (failed > 0) context.header("retry-after", retryAfterSeconds);
      return context.json(answer, statusFor(answer));
    },
  );
  site.notFound((context) => refuse(context, 404, "not-found", "usage is reported to POST /usage"));
  site.onError((error, context) => {
    logger.error("Usage could not be taken; its sender was told to send it again", error);
    context.header("retry-after", retryAfterSeconds);
    return refuse(
      context,
      503,
      "failed",
      "nothing of it is known to be stored: send it again; it counts once",
    );
  });
  return site;
}

interface Answer {
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly events: readonly Receipt[];
}

function answerOf(events: readonly Receipt[]): Answer {
  const count = (wanted: Receipt["status"]) => events.filter(({ status }) => status === wanted).length;
  return { accepted: count("accepted"), refused: count("refused"), failed: count("failed"), events };
}

/** 202: all are stored. 200: some are, look at each. Else none is: 503 when one of them may be sent again, 400 when none should. */
function statusFor({ accepted, refused, failed }: Answer): 200 | 202 | 400 | 503 {
  if (accepted > 0) return refused + failed === 0 ? 202 : 200;
  return failed > 0 ? 503 : 400;
}

import type { Env } from "hono";
import { handle } from "hono/aws-lambda";
import type { Hono } from "hono/tiny";

/** What Lambda calls of a site behind API Gateway. */
export const httpHandler = <Variables extends Env>(site: Hono<Variables>) =>
  // Deprecated, but its successor @hono/aws-lambda is not published (November 2026); the classes Hono differ by their router alone.
  // eslint-disable-next-line @typescript-eslint/no-deprecated, @typescript-eslint/no-unsafe-class-instance-assignment -- see above
  handle(site);

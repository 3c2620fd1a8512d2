import * as z from "zod";
import { start } from "./start.ts";

/** Where everything is. On AWS the deploy's outputs say so; `npm start -- --with-example` sets them for its own world. */
const environment = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    /** The origin of the registration page, which signs tokens. */
    TOLLHOUSE_ISSUER: z.url(),
    /** The origin at which browsers reach this app: the tokens' audience. */
    PUBLIC_URL: z.url(),
    TOLLHOUSE_USAGE_URL: z.url(),
    TOLLHOUSE_ACCESS_URL: z.url(),
    /** A queue that the rule of the event bus fills. */
    TOLLHOUSE_EVENTS_QUEUE_URL: z.url(),
    /** Only in a local world, whose time may run faster. */
    TOLLHOUSE_CLOCK_URL: z.url().optional(),
  })
  .safeParse(process.env);

if (!environment.success) {
  process.stderr.write(`The app's environment is incomplete:\n${z.prettifyError(environment.error)}\n`);
  process.exit(2);
}
const { data } = environment;
const app = await start({
  port: data.PORT,
  issuer: data.TOLLHOUSE_ISSUER,
  publicUrl: data.PUBLIC_URL,
  usageUrl: data.TOLLHOUSE_USAGE_URL,
  accessUrl: data.TOLLHOUSE_ACCESS_URL,
  eventsQueueUrl: data.TOLLHOUSE_EVENTS_QUEUE_URL,
  clockUrl: data.TOLLHOUSE_CLOCK_URL,
});
process.stdout.write(`${JSON.stringify({ ready: true, url: app.url })}\n`);
const end = () => void app.stop().finally(() => process.exit(0));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end);
// Whoever started it is gone.
process.once("disconnect", end);

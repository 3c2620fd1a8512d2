import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SQSClient } from "@aws-sdk/client-sqs";
import { serve } from "@hono/node-server";
import { createAccess } from "@tollhouse/client/access";
import { rememberTokens } from "@tollhouse/client/seen";
import { createTokenVerifier } from "@tollhouse/client/token";
import { createUsagePublisher } from "@tollhouse/client/usage";
import { application } from "./application.ts";
import { worldClock } from "./clock.ts";
import { listen } from "./listen.ts";
import { Tenants } from "./tenant.ts";

export interface Settings {
  readonly port: number;
  readonly issuer: string;
  readonly publicUrl: string;
  readonly usageUrl: string;
  readonly accessUrl: string;
  readonly eventsQueueUrl: string;
  readonly clockUrl?: string | undefined;
}

/** Starts the app on the loopback address. `stop` sends what usage is still here. */
export async function start(settings: Settings): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const tenants = new Tenants();
  const publisher = createUsagePublisher({
    url: settings.usageUrl,
    source: "example-app",
    onRefused: ({ id }, reason) => process.stderr.write(`Usage ${id} was refused: ${reason}\n`),
    onTrouble: ({ reason, againInMs }) =>
      process.stderr.write(`Usage is sent again in ${againInMs} ms: ${reason}\n`),
  });
  // In a local world an hour may pass within seconds: a minute would be long.
  const access = createAccess({
    url: settings.accessUrl,
    maxAgeSeconds: settings.clockUrl === undefined ? 60 : 2,
  });
  const app = application({
    tenants,
    publisher,
    access,
    verify: createTokenVerifier({
      issuer: settings.issuer,
      audience: settings.publicUrl,
      seen: rememberTokens(),
    }),
    now: worldClock(settings.clockUrl),
  });
  const server = await new Promise<ReturnType<typeof serve>>((listening) => {
    const made = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: settings.port }, () =>
      listening(made),
    );
  });
  (server as Server).requestTimeout = 10_000;
  const queue = new SQSClient({});
  const stopping = new AbortController();
  const listening = listen(
    { queue, queueUrl: settings.eventsQueueUrl, stopped: stopping.signal },
    (event) => {
      access.forget(event.subject);
      tenants.hear(event);
    },
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      stopping.abort();
      const { left } = await publisher.close(5_000);
      // A real product would keep these, and hand them in again with their ids.
      if (left.length > 0) process.stderr.write(`${left.length} usage events are not known to be stored.\n`);
      await listening;
      queue.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

import { writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { Hono } from "hono";
import { subscribeConfigured } from "../rules/sns/confirm.ts";
import { initialState } from "../rules/state.ts";
import { application } from "./application.ts";
import { CallLog } from "./call-log.ts";
import { certificatePath, makeSigningKey, type SigningKey } from "./certificate.ts";
import { type ClockReading, SimulatedClock } from "./clock.ts";
import type { SimulatorConfiguration } from "./configuration.ts";
import { Delivery } from "./delivery.ts";
import { host, listen, portOf, stop, timeouts } from "./listen.ts";
import { postToEndpoint } from "./http-endpoint.ts";
import { connectQueues } from "./queue.ts";
import { SellerAccount } from "./seller-account.ts";
import { Sessions } from "./session.ts";
import { type Kept, readStateFile } from "./state-file.ts";
import { keepState } from "./state-keeper.ts";
import { confirmationRoutes } from "./sns-api.ts";
import { Throttle } from "./throttle.ts";
import { Transport } from "./transport.ts";
import { World } from "./world.ts";

export interface StartOptions {
  readonly configuration: SimulatorConfiguration;
  /** 0 or left out: any free port. */
  readonly port?: number | undefined;
  readonly tlsPort?: number | undefined;
  readonly stateFile?: string | undefined;
  /** Where to write the certificate that clients must trust (`NODE_EXTRA_CA_CERTS`). */
  readonly caFile?: string | undefined;
  /** Machine time by which calls are throttled and logged; replaced in tests. */
  readonly elapsedMs?: (() => number) | undefined;
}

export interface RunningSimulator {
  readonly url: string;
  readonly tlsUrl: string;
  readonly caPem: string;
  /** Stops listening and keeps the state. */
  close(): Promise<void>;
}

/** How often, in machine time, the simulated clock is looked at for messages that have become due. */
const pumpEveryMs = 50;

/** Starts the simulator on the loopback address. @throws when a port is taken or the state file is none. */
export async function startSimulator(options: StartOptions): Promise<RunningSimulator> {
  const { configuration } = options;
  const kept = options.stateFile === undefined ? undefined : readStateFile(options.stateFile);
  const signingKey = kept?.signingKey ?? (await makeSigningKey(Date.now()));
  const clock = new SimulatedClock(startingClock(configuration, kept));
  const state = kept?.state ?? initialState(configuration.seed);
  const readClock = () => clock.read();
  const whole = (): Kept => ({ version: 1, clock: readClock(), signingKey, state });
  const keeper = keepState(options.stateFile, whole, readClock);
  const world = new World(configuration, state, clock, keeper.record);

  const account = new SellerAccount(configuration);
  const confirmation = confirmationRoutes(world);
  const certificate = await serveCertificate(signingKey, confirmation, options.tlsPort ?? 0);
  const queues = connectQueues(configuration);
  let url = "";
  const transport = new Transport({
    world,
    account,
    send: queues.send,
    post: postToEndpoint,
    queueUrl: configuration.notificationQueueUrl,
    signer: () => ({
      privateKeyPem: signingKey.privateKeyPem,
      signingCertUrl: certificate.url + certificatePath(signingKey),
      signatureVersion: configuration.snsSignatureVersion,
      confirmationOrigin: configuration.confirmSubscriptionOver === "https" ? certificate.url : url,
    }),
  });
  const delivery = new Delivery(world, transport);
  const app = application({
    configuration,
    world,
    delivery,
    account,
    sessions: new Sessions(configuration.callers, (arn) => account.role(arn)),
    calls: new CallLog(options.elapsedMs),
    throttle: new Throttle(configuration.throttling, options.elapsedMs),
    send: queues.send,
    certificate: certificate.routes,
    confirmation,
    onChange: () => keeper.record([]),
  });
  const plain = await listen(app, options.port ?? 0, { serverOptions: timeouts }).catch(
    async (error: unknown) => {
      await stop(certificate.server);
      throw error;
    },
  );
  if (options.caFile !== undefined) writeFileSync(options.caFile, signingKey.certificatePem);
  url = `http://${host}:${portOf(plain)}`;
  askEndpoints(world);
  const timer = setInterval(() => void delivery.pump(), pumpEveryMs);

  return {
    url,
    tlsUrl: certificate.url,
    caPem: signingKey.certificatePem,
    close: async () => {
      clearInterval(timer);
      await Promise.all([stop(plain), stop(certificate.server)]);
      await delivery.idle();
      queues.close();
      keeper.close();
    },
  };
}

/** SNS asks each endpoint of the configuration to confirm, once. */
function askEndpoints(world: World): void {
  for (;;) {
    const next = subscribeConfigured(world.catalogue, world.state, world.nowMs());
    if (next === undefined || "refusal" in next) return;
    world.carryOut(next);
  }
}

/**
 * Serves the signing certificate over TLS, as SNS does, with the page that confirms a subscription, and gives the
 * certificate's page for the plain port too.
 */
async function serveCertificate(signingKey: SigningKey, confirmation: Hono, port: number) {
  const routes = new Hono();
  routes.get(certificatePath(signingKey), (context) =>
    context.body(signingKey.certificatePem, 200, { "content-type": "application/x-pem-file" }),
  );
  const served = new Hono();
  for (const part of [routes, confirmation]) served.route("/", part);
  const server = await listen(served, port, {
    createServer: createTlsServer,
    serverOptions: { key: signingKey.privateKeyPem, cert: signingKey.certificatePem, ...timeouts },
  });
  return { routes, server, url: `https://${host}:${portOf(server)}` };
}

/** A kept clock goes on where it was, and catches up with the world unless it was told where to start. */
function startingClock({ clock }: SimulatorConfiguration, kept: Kept | undefined): ClockReading {
  const nowMs = clock.startAt === undefined ? Date.now() : Date.parse(clock.startAt);
  return { nowMs: Math.max(nowMs, kept?.clock.nowMs ?? 0), rate: kept?.clock.rate ?? clock.rate };
}
